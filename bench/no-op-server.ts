/** The whole server as a process of its own, with the program that does nothing. `argv[2]`: runs at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../src/app.ts';
import { boundHeap } from '../src/cli/bound-heap.ts';
import { parseConfig } from '../src/config.ts';
import { createLogger } from '../src/system/logger.ts';
import { createNoOpHarness } from './no-op.ts';

boundHeap();
const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
const config = parseConfig({
  PORT: '0',
  SLIPWAY_DATA_DIR: folder,
  SLIPWAY_RATE_LIMIT: '0',
  SLIPWAY_CONCURRENCY: process.argv[2] ?? '8',
  ANTHROPIC_API_KEY: 'none',
});
const app = await openApp(config, createLogger('error', console.error), { demo: false, harness: createNoOpHarness() });
process.on('message', () => process.send?.(process.memoryUsage()));
process.on('SIGTERM', () => {
  void app.close().then(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
});
process.send?.({ url: app.url });
