#!/usr/bin/env -S node --max-semi-space-size=2
/**
 * The entrance: what has to be said to Node before any of the program is loaded. Compiled code is kept between starts,
 * which shortens them. The heap's nursery is kept small, above: left alone it grows by 100 MB under load and stays so. How
 * far the rest of the heap may grow is said in `bound-heap.ts`, however the program was started.
 */
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// An older Node would end in the middle of loading, with words that help nobody. The whole namespace is imported above
// since it does not know every name in it.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `Slipway needs Node 24 or later; this is ${process.version}. Install it, for example: npm install --global n && n 24\n`,
  );
  process.exit(2);
}
// Never in a shared directory: whoever can write there could have us run their code. Without a home there is no cache.
nodeModule.enableCompileCache(join(homedir(), '.cache', 'slipway', 'compiled'));
const { boundHeap } = await import('./bound-heap.ts');
boundHeap();
await import('./program.ts');
