/** Claude Code as a harness: its command line, its output, its session files. */
import type { Harness } from '../../ports/harness.ts';
import { type CheckOptions, checkTask } from './check-task.ts';
import { planOf, transcriptPathOf } from './command.ts';
import { concludeRun } from './conclude.ts';
import { readLine } from './parse-line.ts';
import { encodeSeen, FRESH } from './seen.ts';

/** Version of the CLI that the golden transcripts were recorded with; the package pins the same. */
export const CLAUDE_CODE_VERSION = '2.1.197';

/**
 * The harness that runs Claude Code headless.
 * @param check what is known of the service behind the gateway
 */
export const createClaudeCodeHarness = (check: CheckOptions = { onlyClaude: false }): Harness => ({
  name: 'claude-code',
  check: (task) => checkTask(task, check),
  transcriptPath: transcriptPathOf,
  plan: planOf,
  fresh: encodeSeen(FRESH),
  read: readLine,
  conclude: concludeRun,
});
