import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openScene, replyTo, type Scene, until } from './scene.ts';
import { answers, beginStream, endEvents, MODEL, sse, startEvent, textEvent } from './scripted-upstream.ts';

const MIB = 1_048_576;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
beforeEach(() => {
  scene.upstream.seen.length = 0;
  scene.witness.readings.length = 0;
});

/** Writes as fast as the other side takes it; returns how to learn how much that was. */
const flood = (response: ServerResponse, piece: string, pieces: number, end: string) => {
  const state = { written: 0, blocked: false };
  const go = (): void => {
    state.blocked = false;
    while (state.written < pieces) {
      state.written += 1;
      if (response.write(piece)) continue;
      state.blocked = true;
      response.once('drain', go);
      return;
    }
    response.end(end);
  };
  go();
  return state;
};

/** Waits until `value` has not changed for a while: nothing moves any more. */
const settles = async (value: () => number): Promise<number> => {
  for (let [last, same] = [value(), 0]; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    same = value() === last ? same + 1 : 0;
    last = value();
    if (same >= 10) return last;
  }
};

describe('a slow reader', () => {
  it('slows the model service down; nothing is buffered in between, and nothing is lost', async () => {
    const way = await scene.enter();
    const piece = sse(textEvent('x'.repeat(65_536)));
    const pieces = 1_024;
    let state = { written: 0, blocked: false };
    scene.upstream.answer((response) => {
      beginStream(response);
      response.write(sse(startEvent()));
      state = flood(response, piece, pieces, sse(...endEvents(77)));
    });
    const before = process.memoryUsage().rss;
    const asked = way.begin();
    const answer = await new Promise<import('node:http').IncomingMessage>((resolve) => asked.once('response', resolve));
    const stalledAt = await settles(() => state.written);
    expect(state.blocked).toBe(true);
    // What the kernel holds for three sockets, and no more.
    expect(stalledAt * piece.length).toBeLessThan(16 * MIB);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    let size = 0;
    for await (const part of answer) size += part.length;
    expect(size).toBe(Buffer.byteLength(sse(startEvent(), ...endEvents(77))) + pieces * Buffer.byteLength(piece));
    expect(scene.witness.readings).toMatchObject([{ outputTokens: 77, estimated: false }]);
  });

  it('that never reads on is cut with its run', async () => {
    const way = await scene.enter();
    scene.upstream.answer((response) => {
      beginStream(response);
      flood(response, sse(textEvent('x'.repeat(65_536))), 1_024, '');
    });
    const asked = way.begin();
    await new Promise((resolve) => asked.once('response', resolve));
    await way.access.close();
    asked.destroy();
  });
});

describe('a large request', () => {
  it('passes up to 64 MiB, and is not held', async () => {
    const way = await scene.enter();
    scene.upstream.answer(answers(200, { model: MODEL, usage: { output_tokens: 1 } }));
    const asked = way.begin({ body: null });
    const reply = replyTo(asked);
    const part = Buffer.alloc(MIB, 'x');
    asked.write(`{"model":"${MODEL}","messages":"`);
    for (let count = 0; count < 63; count += 1) {
      if (!asked.write(part)) await new Promise((resolve) => asked.once('drain', resolve));
    }
    asked.end('"}');
    expect(await reply).toMatchObject({ status: 200 });
    expect(scene.upstream.seen[0]?.body.length).toBe(
      63 * MIB + Buffer.byteLength(`{"model":"${MODEL}","messages":""}`),
    );
  });

  it.each([['announced'], ['not announced']])('above that is refused, %s', async (kind) => {
    const way = await scene.enter();
    const announced = kind === 'announced';
    const headers: Record<string, string> = announced ? { 'content-length': String(64 * MIB + 1) } : {};
    const asked = way.begin({ body: null, headers });
    const reply = replyTo(asked);
    if (announced) asked.flushHeaders();
    else for (let count = 0; count < 65; count += 1) asked.write(Buffer.alloc(MIB, 'x'));
    expect(await reply).toMatchObject({ status: 413, text: expect.stringContaining('request_too_large') });
    asked.destroy();
    expect(scene.upstream.seen).toEqual([]);
  });

  it('waits for a model service that reads slowly', async () => {
    const way = await scene.enter();
    scene.upstream.answer(answers(200, { model: MODEL, usage: { output_tokens: 1 } }));
    // The upstream's connections stand still: what is sent stays on its way.
    await way.ask();
    const [socket] = [...scene.upstream.sockets].filter((each) => !each.destroyed);
    socket?.pause();
    const asked = way.begin({ body: null });
    const reply = replyTo(asked);
    let taken = 0;
    const part = Buffer.alloc(65_536, 'x');
    const go = (): void => {
      while (taken < 400) {
        taken += 1;
        if (!asked.write(part)) {
          asked.once('drain', go);
          return;
        }
      }
      asked.end();
    };
    go();
    const stalledAt = await settles(() => taken);
    expect(stalledAt * part.length).toBeLessThan(16 * MIB);
    socket?.resume();
    expect(await reply).toMatchObject({ status: 200 });
  });
});

describe('many requests', () => {
  it('of one run are refused above the bound, and those of another are not', async () => {
    const bounded = scene.another({ bounds: { maxInFlight: 2 } });
    const { entered } = await import('./scene.ts');
    const { run } = await scene.enter();
    const way = entered(run, await bounded.open(run));
    scene.upstream.answer((response) => beginStream(response));
    const open = [way.begin(), way.begin()];
    await until(() => scene.upstream.seen.length === 2);
    expect(await way.ask()).toMatchObject({ status: 429, text: expect.stringContaining('rate_limit_error') });
    for (const asked of open) asked.destroy();
    await bounded.stop();
  });

  it('that are no HTTP at all hurt nobody', async () => {
    const way = await scene.enter();
    const socket = connect(way.socket);
    socket.end('\0\0 nonsense\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve).resume());
    scene.upstream.answer(answers(200, { model: MODEL, usage: { output_tokens: 1 } }));
    expect(await way.ask()).toMatchObject({ status: 200 });
  });
});
