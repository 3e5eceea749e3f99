/**
 * `node bench/first-token.ts [rounds]`: how long until the first word of a conversation's turn is on the screen, against
 * the bare CLI with the same request, the two in turn, in one run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../src/app.ts';
import { converse } from '../src/client/converse.ts';
import { parseConfig } from '../src/config.ts';
import { ANSWER_SCHEMA } from '../src/conversation/answer.ts';
import { instructionsFor } from '../src/conversation/instructions.ts';
import { openDemoModel } from '../src/demo/server.ts';
import { findClaude } from '../src/system/claude-binary.ts';
import { createLogger } from '../src/system/logger.ts';

const ROUNDS = Number(process.argv[2] ?? 15);
const MESSAGE = 'Summarise notes.md for me every Monday at 9';

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The program alone, its output read from a pipe: milliseconds to the first piece of its answer. */
const bare = async (claude: string, home: string, modelUrl: string): Promise<number> => {
  mkdirSync(home);
  const began = performance.now();
  const child = spawn(
    claude,
    [
      ...['--print', '--output-format=stream-json', '--verbose', '--include-partial-messages', '--setting-sources='],
      ...['--strict-mcp-config', '--tools=', `--json-schema=${JSON.stringify(ANSWER_SCHEMA)}`],
      `--system-prompt=${instructionsFor(Date.now(), 'UTC', null)}`,
    ],
    {
      cwd: home,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        ANTHROPIC_BASE_URL: modelUrl,
        ANTHROPIC_API_KEY: 'demo',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const gone = once(child, 'exit');
  child.stdin.end(MESSAGE);
  let first: number | null = null;
  let said = '';
  for await (const chunk of child.stdout) {
    if (first !== null) continue;
    said += String(chunk);
    if (said.includes('"content_block_delta"')) first = performance.now() - began;
  }
  await gone;
  if (first === null) throw new Error('The bare program said nothing.');
  return first;
};

/** A turn through Slipway: milliseconds to the first word at a client. */
const through = async (url: string): Promise<number> => {
  const began = performance.now();
  let first: number | null = null;
  for await (const spoken of converse({ url, key: null }, { message: MESSAGE })) {
    if (spoken.kind === 'delta') first ??= performance.now() - began;
  }
  if (first === null) throw new Error('The turn had no word before its end.');
  return first;
};

const claude = findClaude();
if (claude === null) throw new Error('Claude Code is not installed: npm ci');
const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
const model = await openDemoModel({});
const settings = {
  ...{ PORT: '0', SLIPWAY_DATA_DIR: join(folder, 'data'), SLIPWAY_RATE_LIMIT: '0' },
  ...{ ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'demo' },
};
const app = await openApp(parseConfig(settings), createLogger('error', console.error), { demo: false });
try {
  const pairs: { alone: number; whole: number }[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const alone = await bare(claude.path, join(folder, `home-${round}`), model.url);
    const whole = await through(app.url);
    // The first pair warms the disk cache.
    if (round >= 0) pairs.push({ alone, whole });
  }
  const ratio = median(pairs.map(({ alone, whole }) => whole / alone));
  console.log(`rounds                      ${ROUNDS}`);
  console.log(`first token, bare program   ${median(pairs.map(({ alone }) => alone)).toFixed(0)} ms (median)`);
  console.log(`first word of a turn        ${median(pairs.map(({ whole }) => whole)).toFixed(0)} ms (median)`);
  console.log(`ratio, pair by pair         ${ratio.toFixed(3)} (median), goal ≤ 1.50`);
} finally {
  await app.close();
  await model.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
