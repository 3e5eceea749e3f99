/**
 * The server as a process of its own, whose harness reads as Claude Code's does while its program prints what the prompt
 * says: so many megabytes, as fast as it can. Prints its address and bounds its heap as `slipway serve` does.
 */
import { openApp } from '../../../src/app.ts';
import { boundHeap } from '../../../src/cli/bound-heap.ts';
import { environment, parseConfig } from '../../../src/config.ts';
import { createClaudeCodeHarness } from '../../../src/harnesses/claude-code/harness.ts';
import { createLogger } from '../../../src/system/logger.ts';

const LINE = 'x'.repeat(20_000);

boundHeap();
const app = await openApp(
  parseConfig(environment()),
  createLogger('error', (line) => process.stderr.write(line)),
  {
    demo: false,
    harness: {
      ...createClaudeCodeHarness(),
      plan: (run) => ({
        program: '/bin/sh',
        args: ['-c', `yes ${LINE} | head -c ${Number(run.task.prompt)}000000`],
        stdin: new Uint8Array(),
        env: {},
        files: [],
        keep: [],
      }),
    },
  },
);
process.on('SIGTERM', () => void app.close().then(() => process.exit(0)));
process.stdout.write(`Slipway serves at ${app.url}\n`);
