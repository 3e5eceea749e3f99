/** The real Claude Code, in a place without any network, through the socket of its run. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PLACE } from '../../../src/ports/executor.ts';
import { type Entered, openScene, REAL_KEY, type Scene } from './scene.ts';
import {
  answers,
  beginStream,
  blockEvent,
  endEvents,
  sse,
  startEvent,
  streams,
  textEvent,
} from './scripted-upstream.ts';

const PROGRAM = fileURLToPath(new URL('../../../node_modules/.bin/claude', import.meta.url));

let scene: Scene;
let home: string;
beforeAll(async () => {
  scene = await openScene();
  home = await mkdtemp(join(tmpdir(), 'slipway-home-'));
});
afterAll(async () => {
  await scene.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => {
  scene.upstream.seen.length = 0;
  scene.witness.readings.length = 0;
});

interface Ended {
  readonly code: number | null;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly errors: string;
}

/** Runs Claude Code as an executor would, with the environment that the gateway gave and the directory mounted. */
const runClaude = async (way: Entered, model: string): Promise<Ended> => {
  const env: Record<string, string> = {
    ...way.access.env,
    HOME: home,
    PATH: process.env.PATH ?? '',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  };
  const walls = ['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--ro-bind', '/', '/'];
  const mounts = ['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/run', '--bind', home, home, '--chdir', home];
  const socket = ['--ro-bind', way.access.socketDir ?? '', PLACE.sockets];
  const set = Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]);
  const args = ['--print', '--output-format', 'stream-json', '--verbose', '--model', model];
  const child = spawn('bwrap', [...walls, ...mounts, ...socket, ...set, '--', PROGRAM, ...args]);
  child.stdin.end('Say hello.');
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    errors += part;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    code,
    lines: out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
    errors,
  };
};

const resultOf = (ended: Ended) => ended.lines.find((line) => line.type === 'result');

describe('Claude Code through the gateway', () => {
  it('works with the environment that a run is given, without a question and without a warning', async () => {
    const way = await scene.enter(1);
    scene.upstream.answer(streams(startEvent(10), blockEvent, textEvent('Hello from the model'), ...endEvents(7)));
    const ended = await runClaude(way, 'claude-sonnet-4-5-20250929');
    expect(ended).toMatchObject({ code: 0, errors: '' });
    expect(resultOf(ended)).toMatchObject({ is_error: false, result: 'Hello from the model' });
    expect(scene.upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /v1/messages?beta=true']);
    expect(scene.upstream.seen[0]?.headers).toMatchObject({
      'x-api-key': REAL_KEY,
      'user-agent': expect.stringContaining('claude-cli/'),
      'anthropic-version': '2023-06-01',
      'anthropic-beta': expect.stringContaining('claude-code'),
    });
    expect(scene.witness.readings).toMatchObject([{ inputTokens: 10, outputTokens: 7, estimated: false }]);
    expect(JSON.stringify(ended)).not.toContain(REAL_KEY);
  });

  it('ends at its budget, by itself, although its answer was cut', async () => {
    const way = await scene.enter(0.01);
    scene.upstream.answer((response) => {
      beginStream(response);
      response.write(sse(startEvent(3_000), blockEvent, textEvent('x'.repeat(2_000))));
    });
    const ended = await runClaude(way, 'claude-sonnet-4-5-20250929');
    expect(ended.code).toBe(1);
    expect(resultOf(ended)).toMatchObject({ is_error: true, result: expect.stringContaining('budget_reached') });
    expect(scene.witness.get(way.run.id).stop).toMatchObject({ reason: 'budget_reached' });
    expect(scene.upstream.seen).toHaveLength(1);
  });

  it('ends when the credentials are refused, instead of asking for minutes', async () => {
    const way = await scene.enter();
    const error = { type: 'authentication_error', message: `invalid x-api-key ${REAL_KEY}` };
    scene.upstream.answer(answers(401, { type: 'error', error }));
    const ended = await runClaude(way, 'claude-sonnet-4-5-20250929');
    expect(ended.code).toBe(1);
    expect(resultOf(ended)).toMatchObject({ is_error: true, api_error_status: 401 });
    expect(ended.lines.filter((line) => line.subtype === 'api_retry')).toEqual([]);
    expect(scene.witness.get(way.run.id).stop).toMatchObject({ reason: 'model_credentials_refused' });
    expect(JSON.stringify([ended, scene.logged])).not.toContain(REAL_KEY);
  });
});
