/** Conversations on a bench: a turn's run moves only when the test lets the designer answer, or fail. */
import { expect } from 'vitest';
import { fileTurn } from '../../../src/conversation/file-turn.ts';
import type { RunId } from '../../../src/core/ids.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Run, RunFailure } from '../../../src/core/run.ts';
import { settle } from '../../../src/core/transitions.ts';
import { userId } from '../../contracts/stores/fixtures.ts';
import type { Bench } from './open-bench.ts';
import { readJson } from './read-json.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
export const jsonOf = (response: Response): Promise<any> => readJson(response);

export const talkOn = (bench: Bench) => {
  const { engine } = bench;
  const queued = async (user = 'local'): Promise<Run[]> =>
    [
      ...(await engine.stores.runs.list({ userId: userId(user), statuses: ['queued'] }, { limit: 9, cursor: null }))
        .items,
    ].filter(({ trigger }) => trigger.kind === 'conversation');
  /** The turn that is to be answered now; there must be one and no other. */
  const current = async (): Promise<Run> => {
    await expect.poll(async () => (await queued()).length, { timeout: 10_000 }).toBe(1);
    const [run] = await queued();
    if (run === undefined) throw new Error('No turn is in progress.');
    return run;
  };
  const end = async (id: RunId, state: Parameters<typeof settle>[2]): Promise<Run> => {
    await bench.start(id);
    const run = await engine.stores.runs.update(id, (present) =>
      settle(present, present.leaseToken, state, [], bench.clock.now()),
    );
    engine.notifier.changed(id);
    return run;
  };
  /** Ends the current turn's run with an answer; as a worker does that dies before it files it. */
  const answerUnfiled = async (structured: Json): Promise<Run> =>
    end((await current()).id, {
      ...{ status: 'succeeded', stopReason: 'end_turn', limitsHit: [] },
      result: { text: '', structured },
    });
  const answer = async (structured: Json): Promise<void> => fileTurn(engine, await answerUnfiled(structured));
  const fail = async (failure: Partial<RunFailure> = {}): Promise<void> => {
    const given = { code: 'model_unavailable', message: 'The model is away.', hint: null, ...failure } as const;
    const state = { status: 'failed', stopReason: 'error', limitsHit: [], failure: given, result: null } as const;
    await fileTurn(engine, await end((await current()).id, state));
  };
  const post = (body: object, headers: Record<string, string> = {}) =>
    bench.call('POST', '/api/conversation', body, headers);
  /** One whole turn. */
  const turn = async (body: object, structured: Json, headers: Record<string, string> = {}) => {
    const waiting = post(body, headers);
    await answer(structured);
    const response = await waiting;
    return { status: response.status, body: await jsonOf(response), headers: response.headers };
  };
  const read = async (id: string) => jsonOf(await bench.call('GET', `/api/conversations/${id}`));
  const statuses = async (id: string): Promise<string[]> =>
    (await read(id)).messages.map((one: { role: string; status: string }) => `${one.role} ${one.status}`);
  return { queued, current, answer, answerUnfiled, fail, post, turn, read, statuses };
};

export type TalkBench = ReturnType<typeof talkOn>;
