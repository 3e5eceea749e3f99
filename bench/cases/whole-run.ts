/** How long a run takes through Slipway, against the bare `claude --print`, the two in turn. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../src/app.ts';
import { followEvents } from '../../src/client/follow.ts';
import { sendJson } from '../../src/client/http.ts';
import { parseConfig } from '../../src/config.ts';
import { openDemoModel } from '../../src/demo/server.ts';
import { findClaude } from '../../src/system/claude-binary.ts';
import { createLogger } from '../../src/system/logger.ts';
import { median, ms, report, timed } from '../figures.ts';

const PROMPT = '[[demo:hello]]';
/** All processors of this machine, as the bare program has them. */
const LIMITS = { cpus: availableParallelism() };

/** The program alone: its own home, output to a file, the model on loopback. */
const bare = async (claude: string, folder: string, modelUrl: string, round: number): Promise<void> => {
  const home = join(folder, `home-${round}`);
  mkdirSync(home);
  const out = openSync(join(folder, 'bare.out'), 'w');
  const args = ['--print', '--output-format', 'stream-json', '--verbose', '--include-partial-messages'];
  const child = spawn(claude, [...args, '--permission-mode', 'acceptEdits'], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      ANTHROPIC_BASE_URL: modelUrl,
      ANTHROPIC_API_KEY: 'demo',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    },
    stdio: ['pipe', out, 'ignore'],
  });
  child.stdin?.end(PROMPT);
  const [code]: unknown[] = await once(child, 'exit');
  closeSync(out);
  if (code !== 0) throw new Error(`The bare program ended with ${code}.`);
};

/** The same through Slipway: from the POST to the last event at a client. */
const through = async (url: string): Promise<void> => {
  const client = { url, key: null };
  const { id } = await sendJson<{ id: string }>(client, 'POST', '/runs', { prompt: PROMPT, limits: LIMITS });
  let last = '';
  for await (const heard of followEvents(client, id)) if (heard.kind === 'event') last = heard.event.type;
  if (last !== 'run.succeeded') throw new Error(`The run through Slipway ended with ${last}.`);
};

/** @param rounds pairs to measure, after one that warms the disk cache */
export const wholeRuns = async (rounds: number): Promise<void> => {
  const claude = findClaude();
  if (claude === null) throw new Error('Claude Code is not installed: npm ci');
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const model = await openDemoModel({});
  const environment = { PORT: '0', SLIPWAY_DATA_DIR: join(folder, 'data'), SLIPWAY_RATE_LIMIT: '0' };
  const settings = { ...environment, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'demo' };
  const app = await openApp(parseConfig(settings), createLogger('error', console.error), { demo: false });
  try {
    const bareMs: number[] = [];
    const throughMs: number[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const alone = await timed(() => bare(claude.path, folder, model.url, round));
      const whole = await timed(() => through(app.url));
      if (round < 0) continue;
      bareMs.push(alone);
      throughMs.push(whole);
    }
    const ratios = throughMs.map((whole, index) => whole / (bareMs[index] ?? Number.NaN));
    report('bare claude --print, the same through Slipway', `${ms(median(bareMs))}, ${ms(median(throughMs))}`);
    report('ratio, pair by pair', median(ratios).toFixed(3), '≤ 1.05');
  } finally {
    await app.close();
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
