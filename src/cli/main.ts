#!/usr/bin/env -S node --max-semi-space-size=2
/**
 * The entrance: what has to be said to Node before any of the program is loaded. Compiled code is kept between starts,
 * which shortens them. The heap's nursery is kept small, above: left alone it grows by 100 MB under load and stays so.
 */
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Never in a shared directory: whoever can write there could have us run their code. Without a home there is no cache.
enableCompileCache(join(homedir(), '.cache', 'slipway', 'compiled'));
await import('./program.ts');
