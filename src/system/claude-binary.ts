import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Path of the Claude Code program that was installed with this package; null when it is not there (its install script
 * was not run, or this platform has none).
 */
export const findClaude = (): { readonly path: string; readonly version: string } | null => {
  try {
    const manifest = createRequire(import.meta.url).resolve('@anthropic-ai/claude-code/package.json');
    const { bin, version }: { bin: { claude: string }; version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
    return { path: realpathSync(join(dirname(manifest), bin.claude)), version };
  } catch {
    return null;
  }
};
