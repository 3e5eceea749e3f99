/** What the server costs by itself: its cold start, and its memory before and after many runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followEvents } from '../../src/client/follow.ts';
import { sendJson } from '../../src/client/http.ts';
import { inParallel, median, ms, report, timed } from '../figures.ts';
import { openServerProcess } from '../server-process.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const SERVER = join(import.meta.dirname, '../no-op-server.ts');

/** Starts a server with further settings, waits for its first answer, and ends it. */
export const coldStart = async (folder: string, settings: Readonly<Record<string, string>> = {}): Promise<void> => {
  const own = { PATH: process.env.PATH, PORT: '0', SLIPWAY_DATA_DIR: folder, ANTHROPIC_API_KEY: 'none' };
  const env = { ...own, ...settings };
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    for await (const text of child.stdout.setEncoding('utf8')) {
      const url = /serves at (\S+)/.exec(String(text))?.[1];
      if (url === undefined) continue;
      await fetch(`${url}/healthz`);
      return;
    }
    throw new Error('The server did not start.');
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
};

export const coldStarts = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    await coldStart(folder);
    const bare: number[] = [];
    const whole: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      bare.push(await timed(() => once(spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }), 'exit')));
      whole.push(await timed(() => coldStart(folder)));
    }
    report('start to first answer: bare node, server', `${ms(median(bare))}, ${ms(median(whole))}`, '≤ 400 ms');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** @param runs how many runs lie between the two looks */
export const memoryOverRuns = async (runs: number): Promise<void> => {
  const server = await openServerProcess(SERVER, ['8']);
  const client = { url: server.url, key: null };
  const mb = async () => (await server.memory()) / 2 ** 20;
  const one = async () => {
    const { id } = await sendJson<{ id: string }>(client, 'POST', '/runs', { prompt: 'nothing' });
    for await (const heard of followEvents(client, id)) if (heard.kind !== 'event') break;
  };
  try {
    const idle = await mb();
    report('memory when idle', `${idle.toFixed(0)} MB`, '≤ 100 MB');
    const step = Math.ceil(runs / 4);
    for (let done = step; done <= runs; done += step) {
      await inParallel(step, 8, one);
      report(`memory after ${done} runs`, `${(await mb()).toFixed(0)} MB`, 'flat');
    }
  } finally {
    await server.stop();
  }
};
