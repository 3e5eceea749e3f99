/** What this package says of itself, and where its other files are. */
import { readFileSync } from 'node:fs';

/** A file of this package. Its code lies one folder below its root: in src/ in the repository, in dist/ in the package. */
export const packageFile = (path: string): URL => new URL(`../${path}`, import.meta.url);

const manifest: { version: string } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));

/** Version of this package. */
export const VERSION = manifest.version;
