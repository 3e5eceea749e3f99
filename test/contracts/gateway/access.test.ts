import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runToken } from '../../../src/gateway/tokens.ts';
import { newId, runningRun } from './run-witness.ts';
import { beginOn, entered, openScene, replyTo, type Scene, until } from './scene.ts';
import { answers, beginStream, MODEL, sse, startEvent, streams, textEvent } from './scripted-upstream.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
beforeEach(() => {
  scene.upstream.seen.length = 0;
  scene.upstream.answer(answers(200, { model: MODEL, usage: { output_tokens: 1 } }));
});

const UNAUTHENTICATED = {
  status: 401,
  text: expect.stringMatching(/^{"type":"error","error":{"type":"authentication_error","message":"[^"]+"}}$/),
};

/** A socket as a process leaves it that is killed. */
const leaveOrphan = async (directory: string): Promise<void> => {
  await mkdir(directory, { recursive: true });
  const listening = `require('node:net').createServer().listen('gateway.sock', () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['--eval', listening], { cwd: directory }), 'exit');
};

describe('a token', () => {
  it('that is missing, wrong, or another run’s is refused, and leaves no trace on the run', async () => {
    const way = await scene.enter();
    const other = await scene.enter();
    const tampered = `${way.token.slice(0, -1)}${way.token.endsWith('A') ? 'B' : 'A'}`;
    for (const token of ['', 'sk-ant-x', tampered, other.token, runToken(new Uint8Array(32), way.run.id)]) {
      const reply = await way.ask({ token });
      expect(reply).toMatchObject(UNAUTHENTICATED);
      // Claude Code asks again for minutes after a 401, unless it is told not to.
      expect(reply.headers['x-should-retry']).toBe('false');
    }
    expect(scene.upstream.seen).toEqual([]);
    expect(scene.witness.events(way.run.id)).toEqual([]);
    expect(scene.witness.events(other.run.id)).toEqual([]);
  });

  it('is taken as a key or as a bearer', async () => {
    const way = await scene.enter();
    expect(await way.ask()).toMatchObject({ status: 200 });
    const headers = { authorization: `Bearer ${way.token}`, 'x-api-key': 'from a key helper' };
    expect(await way.ask({ token: '', headers })).toMatchObject({ status: 200 });
  });

  it('dies with its run', async () => {
    const way = await scene.enter();
    expect(await way.ask()).toMatchObject({ status: 200 });
    scene.witness.finish(way.run.id);
    expect(await way.ask()).toMatchObject(UNAUTHENTICATED);
  });

  it('is worth nothing for a run that is not known', async () => {
    const run = runningRun();
    const access = await scene.gateway.open(run);
    expect(await entered(run, access).ask()).toMatchObject(UNAUTHENTICATED);
    await access.close();
  });

  it('opens nothing once the run has to end', async () => {
    const way = await scene.enter();
    await scene.witness.stop(way.run.id, 'cancelled', null);
    const reply = await way.ask();
    expect(reply).toMatchObject({ status: 400, text: expect.stringContaining('being ended (cancelled)') });
    expect(reply.headers['x-should-retry']).toBe('false');
    expect(scene.upstream.seen).toEqual([]);
  });
});

describe('the only two ways', () => {
  it.each([
    ['HEAD', '/'],
    ['GET', '/'],
    ['GET', '/v1/models'],
    ['GET', '/v1/messages'],
    ['POST', '/v1/messages/'],
    ['POST', '/v1/messages/batches'],
    ['POST', '/v1/messages/../complete'],
    ['POST', '//v1/messages'],
    ['POST', 'http://elsewhere.example/v1/messages'],
    ['DELETE', '/v1/messages/count_tokens'],
    ['OPTIONS', '/v1/messages'],
  ])('are not %s %s', async (method, path) => {
    const way = await scene.enter();
    const reply = await way.ask({ method, path, body: method === 'POST' ? {} : '' });
    expect(reply.status).toBe(404);
    if (method !== 'HEAD') expect(JSON.parse(reply.text)).toMatchObject({ error: { type: 'not_found_error' } });
    expect(scene.upstream.seen).toEqual([]);
  });
});

describe('the socket of a run', () => {
  it('can be used by all who can see it, and seen by those alone who have its directory', async () => {
    const way = await scene.enter();
    const mode = async (path: string) => ((await lstat(path)).mode & 0o777).toString(8);
    expect(await mode(scene.socketsDir)).toBe('700');
    expect(await mode(way.access.socketDir ?? '')).toBe('755');
    expect(await mode(way.socket)).toBe('666');
    expect(await readdir(way.access.socketDir ?? '')).toEqual(['gateway.sock']);
    expect(way.access.env).toEqual({
      ANTHROPIC_UNIX_SOCKET: '/run/slipway/gateway.sock',
      ANTHROPIC_BASE_URL: 'http://gateway.slipway',
      ANTHROPIC_API_KEY: way.token,
    });
  });

  it('is gone after close, with its directory, and close can be repeated', async () => {
    const way = await scene.enter();
    await Promise.all([way.access.close(), way.access.close()]);
    await way.access.close();
    await expect(lstat(way.access.socketDir ?? '')).rejects.toThrow('ENOENT');
  });

  it('is made anew by another process: the same directory, the same token', async () => {
    const way = await scene.enter();
    const { ino } = await lstat(way.access.socketDir ?? '');
    // As a process leaves it that was killed: a socket nobody listens to, half a socket, and the server that did.
    await writeFile(join(way.access.socketDir ?? '', '.1-1.sock'), '');
    const next = scene.another();
    const access = await next.open(way.run);
    await scene.gateway.stop();
    expect((await lstat(access.socketDir ?? '')).ino).toBe(ino);
    expect(access).toMatchObject({ env: way.access.env, socketDir: way.access.socketDir });
    expect(await way.ask()).toMatchObject({ status: 200 });
    // The former owner lets go late, and takes nothing with it.
    await way.access.close();
    expect(await way.ask()).toMatchObject({ status: 200 });
    await access.close();
    await expect(lstat(access.socketDir ?? '')).rejects.toThrow('ENOENT');
  });

  it('is made anew in the same process, too', async () => {
    const way = await scene.enter();
    const again = await scene.gateway.open(way.run);
    await way.access.close();
    expect(await way.ask()).toMatchObject({ status: 200 });
    await again.close();
  });

  it('stays in its directory when the gateway stops, so that a job can outlive it', async () => {
    const gateway = scene.another();
    const run = scene.witness.add(runningRun());
    const access = await gateway.open(run);
    await gateway.stop();
    expect((await lstat(access.socketDir ?? '')).isDirectory()).toBe(true);
    await scene.another().open(run);
    expect(await entered(run, access).ask()).toMatchObject({ status: 200 });
  });

  it('works where its path is longer than a socket’s may be', async () => {
    const socketsDir = join(scene.socketsDir, 'x'.repeat(100), 'y'.repeat(100));
    const run = scene.witness.add(runningRun());
    const access = await scene.another({ socketsDir }).open(run);
    const short = join(tmpdir(), `slw-${process.pid}`);
    await symlink(access.socketDir ?? '', short);
    const token = access.env.ANTHROPIC_API_KEY ?? '';
    expect(await replyTo(beginOn(join(short, 'gateway.sock'), token))).toMatchObject({ status: 200 });
    await rm(short);
    await access.close();
  });

  it('is swept away at the next start when its run is over', async () => {
    const [over, live] = [newId(), scene.witness.add(runningRun()).id];
    for (const name of [over, live, 'not-a-run']) await mkdir(join(scene.socketsDir, name));
    await scene.another().start();
    const left = await readdir(scene.socketsDir);
    expect(left).toContain(live);
    expect(left).toContain('not-a-run');
    expect(left).not.toContain(over);
  });

  it('is open again from the next start on when its process was killed, and stays what it is when the run is driven', async () => {
    const run = runningRun();
    scene.witness.add(run);
    const directory = join(scene.socketsDir, run.id);
    await leaveOrphan(directory);
    const next = scene.another();
    await next.start();
    const token = runToken(new Uint8Array(32).fill(7), run.id);
    const answering = Promise.withResolvers<ServerResponse>();
    scene.upstream.answer((response) => {
      beginStream(response);
      response.write(sse(startEvent()));
      answering.resolve(response);
    });
    const reply = replyTo(beginOn(join(directory, 'gateway.sock'), token));
    const answer = await answering.promise;
    const { ino } = await lstat(join(directory, 'gateway.sock'));
    const way = entered(run, await next.open(run));
    expect([way.token, (await lstat(way.socket)).ino]).toEqual([token, ino]);
    answer.end(sse(textEvent('whole')));
    expect(await reply).toMatchObject({ status: 200, cut: false, text: expect.stringContaining('whole') });
    await way.access.close();
    await expect(lstat(directory)).rejects.toThrow('ENOENT');
  });

  it('that cannot be opened again yet keeps no server from starting', async () => {
    const started = runningRun();
    const run = scene.witness.add({ ...started, task: { ...started.task, network: { allow: ['good.example'] } } });
    const directory = join(scene.socketsDir, run.id);
    await leaveOrphan(directory);
    const egress = { open: () => Promise.reject(new Error('no way out')) };
    await scene.another({ egress }).start();
    expect(scene.logged.join()).toContain('no way out');
    await rm(directory, { recursive: true });
  });

  it('is left to the process that listens at it', async () => {
    const way = await scene.enter();
    const { ino } = await lstat(way.socket);
    await scene.another().start();
    expect((await lstat(way.socket)).ino).toBe(ino);
    expect(await way.ask()).toMatchObject({ status: 200 });
  });
});

describe('close', () => {
  it('cuts what is in flight, and returns when its reading is durable', async () => {
    const gateway = scene.another();
    const run = scene.witness.add(runningRun());
    const access = await gateway.open(run);
    let ended = false;
    scene.upstream.answer((response) => {
      response.on('close', () => (ended = true));
      beginStream(response);
      response.write(sse(startEvent(100), textEvent('x'.repeat(400))));
    });
    const before = scene.witness.readings.length;
    const asked = entered(run, access).begin();
    const reply = replyTo(asked);
    await new Promise((resolve) => asked.once('response', (answer) => answer.once('data', resolve)));
    const recording = Promise.withResolvers<void>();
    const durable = Promise.withResolvers<void>();
    scene.witness.beforeMetered = () => {
      recording.resolve();
      return durable.promise;
    };
    let closed = false;
    const closing = access.close().then(() => {
      closed = true;
    });
    await recording.promise;
    // Removing the directory takes a few turns of the loop; another run's whole life takes more.
    await (await scene.enter()).access.close();
    expect(closed).toBe(false);
    durable.resolve();
    await closing;
    expect(scene.witness.readings.slice(before)).toContainEqual(
      expect.objectContaining({ inputTokens: 100, outputTokens: 100, estimated: true }),
    );
    expect((await reply).text).toContain('The way to the model was closed.');
    await until(() => ended);
    scene.upstream.answer(streams(startEvent()));
  });
});
