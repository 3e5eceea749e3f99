/** A process that checks the host that it finds itself on, and prints what it found as JSON. Its argument is JSON, too. */
import { localOn } from './open-local.ts';

const { runsDir, ...options }: { runsDir: string; sysctlRoot?: string } = JSON.parse(process.argv[2] ?? '{}');
process.stdout.write(JSON.stringify(await localOn(runsDir, options).check()));
