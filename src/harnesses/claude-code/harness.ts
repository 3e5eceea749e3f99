/** Claude Code as a harness: its command line, its output, its session files. */
import type { Harness } from '../../ports/harness.ts';
import { planOf, transcriptPathOf } from './command.ts';
import { concludeRun } from './conclude.ts';
import { readLine } from './parse-line.ts';
import { encodeSeen, FRESH } from './seen.ts';

/** Version of the CLI that the golden transcripts were recorded with; the package pins the same. */
export const CLAUDE_CODE_VERSION = '2.1.197';

/** The harness that runs Claude Code headless. */
export const createClaudeCodeHarness = (): Harness => ({
  name: 'claude-code',
  transcriptPath: transcriptPathOf,
  plan: planOf,
  fresh: encodeSeen(FRESH),
  read: readLine,
  conclude: concludeRun,
});
