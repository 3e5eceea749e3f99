/** Runs over HTTP: made, read, listed, cancelled, retried, summed up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/api/run-schemas.ts';
import { schemas } from '../../src/api/schemas.ts';
import type { UsageView } from '../../src/api/system-schemas.ts';
import type { RunId } from '../../src/core/ids.ts';
import { skip } from '../../src/core/transitions.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const create = async (headers: Record<string, string> = {}): Promise<RunView & { id: RunId }> => {
  const response = await bench.call('POST', '/runs', { prompt: 'p' }, headers);
  expect(response.status).toBe(202);
  const run = await readJson<RunView & { id: RunId }>(response);
  expect(response.headers.get('location')).toBe(`/runs/${run.id}`);
  return run;
};
const read = async (id: string): Promise<RunView> => {
  const run = await readJson<RunView>(await bench.call('GET', `/runs/${id}`));
  expect(schemas.Run.strict().safeParse(run).error).toBeUndefined();
  return run;
};

describe('a run', () => {
  it('is queued without an agent', async () => {
    const run = await create();
    expect(run).toEqual({
      id: run.id,
      userId: 'local',
      trigger: { kind: 'manual' },
      title: 'p',
      status: 'queued',
      attempt: 0,
      limitsHit: [],
      permissionDenials: [],
      tokenUsage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
      costUsd: 0,
      model: null,
      sessionId: run.sessionId,
      executor: 'local',
      limits: {
        timeoutSeconds: 300,
        idleSeconds: 120,
        memoryMb: 1024,
        diskMb: 4096,
        cpus: 1,
        maxProcesses: 256,
        maxOutputBytes: 67_108_864,
      },
      createdAt: '2026-03-01T12:00:00.000Z',
    });
    expect(await read(run.id)).toEqual(run);
  });

  it('has a title: the first line of its prompt, cut', async () => {
    const titleOf = async (prompt: string) =>
      (await readJson<RunView>(await bench.call('POST', '/runs', { prompt }))).title;
    expect(await titleOf('\n  first line \nsecond')).toBe('first line');
    expect(await titleOf(`${'한'.repeat(119)}🚀`)).toBe(`${'한'.repeat(119)}🚀`);
    expect(await titleOf('🚀'.repeat(121))).toBe(`${'🚀'.repeat(119)}…`);
  });

  it('shows its own copy of the task, which a change of the agent does not reach', async () => {
    const made = await bench.call('POST', '/agents', { name: 'n', prompt: 'before', allowedTools: ['Bash(ls:*)'] });
    const { id } = await readJson<{ id: string }>(made);
    const { executionId } = await readJson<{ executionId: string }>(await bench.call('POST', `/agents/${id}/run`, {}));
    await bench.call('PATCH', `/agents/${id}`, { prompt: 'after' });
    const task = await bench.call('GET', `/runs/${executionId}/task`);
    expect(await readJson(task)).toEqual({
      agentRevision: 1,
      prompt: 'before',
      permissionMode: 'acceptEdits',
      allowedTools: ['Bash(ls:*)'],
      disallowedTools: [],
      requiredPackages: [],
      mcpServers: {},
      network: { allow: [] },
    });
    const others = await bench.call('GET', `/runs/${executionId}/task`, undefined, { 'x-user-id': 'other' });
    expect(others.status).toBe(404);
  });

  it('shows how it went', async () => {
    const { id } = await create();
    await bench.start(id);
    expect(await read(id)).toMatchObject({ status: 'running', attempt: 1, startedAt: '2026-03-01T12:00:00.000Z' });
    await bench.finish(id);
    const run = await read(id);
    expect(run).toMatchObject({ status: 'succeeded', stopReason: 'end_turn', result: { text: 'done' } });
    expect(run.endedAt).toBe('2026-03-01T12:00:00.000Z');
    expect(run).not.toHaveProperty('error');
    expect(run.result).not.toHaveProperty('structured');
  });

  it('has no cost when the price of its model is not known, which is not zero', async () => {
    const { id } = await create();
    await bench.start(id);
    await bench.meter(id, 'mystery-1', 5);
    expect(await read(id)).toMatchObject({ costUsd: null, model: 'mystery-1', tokenUsage: { outputTokens: 5 } });
  });

  it('shows a firing that was dropped', async () => {
    const known = await bench.engine.stores.runs.get((await create()).id);
    if (known === null) throw new Error('The run is gone.');
    const id = crypto.randomUUID() as RunId;
    await bench.engine.stores.runs.insert(skip({ ...known, id }, 'still running', bench.clock.now()), null);
    expect(await read(id)).toMatchObject({
      status: 'skipped',
      error: { code: 'skipped', message: expect.any(String) },
      endedAt: '2026-03-01T12:00:00.000Z',
    });
  });
});

describe('cancelling', () => {
  it('ends a queued run at once, and leaves a finished one as it is', async () => {
    const { id } = await create();
    const first = await bench.call('POST', `/runs/${id}/cancel`);
    expect(first.status).toBe(202);
    const run = await readJson<RunView>(first);
    expect(run).toMatchObject({
      status: 'cancelled',
      stopReason: 'cancelled',
      cancelRequestedAt: '2026-03-01T12:00:00.000Z',
      error: { code: 'cancelled', message: 'The run was cancelled.' },
    });
    const second = await bench.call('POST', `/runs/${id}/cancel`, {});
    expect(second.status).toBe(200);
    expect(await readJson(second)).toEqual(run);
  });

  it('asks a running one to end, as often as it is asked', async () => {
    const { id } = await create();
    await bench.start(id);
    for (const _time of [1, 2]) {
      const response = await bench.call('POST', `/runs/${id}/cancel`);
      expect(response.status).toBe(202);
      expect(await readJson(response)).toMatchObject({
        status: 'running',
        cancelRequestedAt: '2026-03-01T12:00:00.000Z',
      });
    }
  });
});

describe('retrying', () => {
  it('makes a new run of a finished one', async () => {
    const { id } = await create();
    await bench.start(id);
    await bench.finish(id);
    const response = await bench.call('POST', `/runs/${id}/retry`);
    expect(response.status).toBe(202);
    const run = await readJson<RunView>(response);
    expect(run).toMatchObject({ status: 'queued', retryOf: id, trigger: { kind: 'retry' } });
    expect(response.headers.get('location')).toBe(`/runs/${run.id}`);
  });

  it('refuses one that is not over', async () => {
    const { id } = await create();
    await expectProblem(await bench.call('POST', `/runs/${id}/retry`), {
      code: 'conflict',
      detail: `Run ${id} is queued; only a finished run can be retried.`,
      hint: 'Wait for its end, or cancel it first.',
    });
  });
});

describe('listing', () => {
  it('filters by status and pages, newest first', async () => {
    const headers = { 'x-user-id': 'lister' };
    const made: RunId[] = [];
    for (let index = 0; index < 4; index += 1) {
      bench.clock.advance(1);
      made.unshift((await create(headers)).id);
    }
    const [newest, second, , oldest] = made;
    if (newest === undefined || oldest === undefined) throw new Error('There are no runs.');
    await bench.start(newest);
    await bench.call('POST', `/runs/${oldest}/cancel`, undefined, headers);
    const list = async (query: string) => {
      const response = await bench.call('GET', `/runs${query}`, undefined, headers);
      const { data, nextPage } = await readJson<{ data: RunView[]; nextPage: string | null }>(response);
      return { ids: data.map(({ id }) => id), nextPage };
    };
    expect((await list('')).ids).toEqual(made);
    expect((await list('?status=running,cancelled')).ids).toEqual([newest, oldest]);
    const first = await list('?limit=2');
    expect(first.ids).toEqual([newest, second]);
    expect((await list(`?limit=2&page=${first.nextPage}`)).ids).toEqual(made.slice(2));
  });
});

describe('usage', () => {
  it('sums up by day, agent and model, and is honest about what it does not know', async () => {
    const headers = { 'x-user-id': 'spender' };
    const today = new Date(bench.clock.now()).toISOString().slice(0, 10);
    const one = await create(headers);
    await bench.start(one.id);
    await bench.meter(one.id, 'claude-haiku-4-5', 1_000_000);
    const get = async (query: string) =>
      readJson<UsageView>(await bench.call('GET', `/usage${query}`, undefined, headers));
    const tokenUsage = { inputTokens: 0, outputTokens: 1_000_000, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const sum = { runs: 1, tokenUsage, costUsd: 5 };
    expect(await get('')).toEqual({
      from: '2026-01-31',
      to: today,
      groupBy: 'day',
      data: [{ group: today, ...sum }],
      total: sum,
    });
    expect((await get('?groupBy=agent')).data).toEqual([{ group: null, ...sum }]);
    expect((await get('?groupBy=model')).data).toEqual([{ group: 'claude-haiku-4-5', ...sum }]);
    expect((await get('?from=2026-02-01T00:00:00%2B09:00&to=2026-02-02')).data).toEqual([]);

    const two = await create(headers);
    await bench.start(two.id);
    await bench.meter(two.id, 'mystery-1', 1);
    expect((await get('')).total).toMatchObject({ runs: 2, costUsd: null });
    expect(schemas.Usage.strict().safeParse(await get('')).error).toBeUndefined();
  });
});
