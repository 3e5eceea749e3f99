/** Agents over HTTP: made, read, listed, changed, run, deleted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentView } from '../../src/api/agent-schemas.ts';
import type { AgentRunAcceptedView, RunView } from '../../src/api/run-schemas.ts';
import { schemas } from '../../src/api/schemas.ts';
import type { RunId } from '../../src/core/ids.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const FULL = {
  name: 'Reporter',
  prompt: 'Write "it" — `$HOME` \\n\r\n한글 🚀 \u{1d11e}',
  model: 'claude-sonnet-4-5[1m]',
  permissionMode: 'dontAsk',
  allowedTools: ['Read', 'Bash(git log:*)', 'mcp__files__read'],
  disallowedTools: ['WebFetch(domain:example.com)'],
  requiredPackages: [
    'pandas==2.2.2',
    'uvicorn[standard]==0.30.1',
    'npm:left-pad@1.3.0',
    'npm:@scope/x@1.0.0',
    'requests',
  ],
  mcpServers: {
    files: { command: 'npx', args: ['-y', 'server'], env: { A_B: '1' } },
    web: { type: 'http', url: 'https://mcp.example.com/x', headers: { 'X-Key': 'v' } },
  },
  outputSchema: { type: 'object', properties: { constructor: { type: 'string' } } },
  limits: { timeoutSeconds: 60, cpus: 0.5, maxTurns: 3, maxBudgetUsd: 0.25 },
  network: { allow: ['API.Example.com', '*.example.org'] },
  source: { git: 'https://git.example.com/team/project.git', ref: 'feature/x-1' },
  schedule: { cron: '0 9 * * 1', timezone: 'Asia/Seoul', overlap: 'allow' },
  status: 'paused',
};

const create = async (over: object = {}, headers: Record<string, string> = {}): Promise<AgentView> => {
  const response = await bench.call('POST', '/agents', { name: 'n', prompt: 'p', ...over }, headers);
  expect(response.status).toBe(201);
  return readJson<AgentView>(response);
};

describe('creating', () => {
  it('keeps every field as it was given', async () => {
    const response = await bench.call('POST', '/agents', FULL);
    const agent = await readJson<AgentView>(response);
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/agents/${agent.id}`);
    expect(response.headers.get('etag')).toBe('"1"');
    expect(agent).toEqual({
      ...FULL,
      id: agent.id,
      userId: 'local',
      limits: {
        ...FULL.limits,
        idleSeconds: 120,
        memoryMb: 1024,
        diskMb: 4096,
        maxProcesses: 256,
        maxOutputBytes: 67_108_864,
      },
      network: { allow: ['api.example.com', '*.example.org'] },
      revision: 1,
      lastRun: null,
      totalTokenUsage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
      createdAt: '2026-03-01T12:00:00.000Z',
      updatedAt: '2026-03-01T12:00:00.000Z',
    });
    expect(await readJson(await bench.call('GET', `/agents/${agent.id}`))).toEqual(agent);
    expect(schemas.Agent.strict().safeParse(agent).error).toBeUndefined();
  });

  it('fills in what is left out, and leaves out what there is not', async () => {
    const agent = await create({ model: null, source: null, schedule: null, outputSchema: null });
    expect(agent).toMatchObject({
      permissionMode: 'acceptEdits',
      allowedTools: [],
      mcpServers: {},
      network: { allow: [] },
      status: 'active',
      limits: { timeoutSeconds: 300, idleSeconds: 120, memoryMb: 1024, cpus: 1, maxProcesses: 256 },
    });
    for (const name of ['model', 'source', 'schedule', 'outputSchema']) expect(agent).not.toHaveProperty(name);
    expect(agent.limits).not.toHaveProperty('maxTurns');
    expect(agent.limits).not.toHaveProperty('maxBudgetUsd');
  });

  it('carries a prompt of 512 KiB whole', async () => {
    const prompt = `${'한'.repeat(174_762)}ab`;
    expect((await create({ prompt })).prompt).toBe(prompt);
  });

  it('replaces lone surrogates', async () => {
    const agent = await readJson<AgentView>(
      await bench.call('POST', '/agents', '{"name":"a\\udc00","prompt":"x\\ud800y \\ud83d\\ude80"}'),
    );
    expect(agent).toMatchObject({ name: 'a\ufffd', prompt: 'x\ufffdy 🚀' });
  });

  it('fills in time zone and overlap of a schedule', async () => {
    const { schedule, nextFireAt } = await create({ schedule: { cron: '*/5 * * * *' } });
    expect(Date.parse(String(nextFireAt)) % 300_000).toBe(0);
    expect(schedule).toEqual({ cron: '*/5 * * * *', timezone: 'UTC', overlap: 'skip' });
  });

  it('says when it runs next, and nothing while it is paused', async () => {
    const agent = await create({ schedule: { cron: '30 * * * *' } });
    expect(Date.parse(agent.nextFireAt ?? '') - bench.clock.now()).toBe(30 * 60_000);
    expect(await create({ schedule: { cron: '30 * * * *' }, status: 'paused' })).not.toHaveProperty('nextFireAt');
  });
});

describe('listing', () => {
  it('goes through all of them, newest first, and shows nobody else any', async () => {
    const headers = { 'x-user-id': 'lister' };
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      bench.clock.advance(1);
      made.unshift((await create({ name: `a${index}` }, headers)).id);
    }
    const seen: string[] = [];
    let page = '';
    for (;;) {
      const answer = await bench.call('GET', `/agents?limit=2${page}`, undefined, headers);
      const { data, nextPage } = await readJson<{ data: AgentView[]; nextPage: string | null }>(answer);
      seen.push(...data.map(({ id }) => id));
      if (nextPage === null) break;
      page = `&page=${encodeURIComponent(nextPage)}`;
    }
    expect(seen).toEqual(made);
    const others = await bench.call('GET', '/agents', undefined, { 'x-user-id': 'nobody' });
    expect(await readJson(others)).toEqual({ data: [], nextPage: null });
  });
});

describe('changing', () => {
  it('changes what is given, merges limits, removes what is null', async () => {
    const agent = await create(FULL);
    const response = await bench.call(
      'PATCH',
      `/agents/${agent.id}`,
      { name: 'New', limits: { cpus: 2, maxTurns: null }, schedule: null, mcpServers: {}, network: {} },
      { 'if-match': '"1"' },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toBe('"2"');
    const { schedule: _schedule, ...rest } = agent;
    const { maxTurns: _maxTurns, ...limits } = agent.limits;
    expect(await readJson(response)).toEqual({
      ...rest,
      name: 'New',
      limits: { ...limits, cpus: 2 },
      mcpServers: {},
      network: { allow: [] },
      revision: 2,
    });
  });

  it.each(['"1"', '*', '"7", "1"', '"1-0123abcd"'])('takes If-Match %s', async (tag) => {
    const agent = await create();
    const response = await bench.call('PATCH', `/agents/${agent.id}`, { name: 'x' }, { 'if-match': tag });
    expect(response.status).toBe(200);
  });

  it('lets one of two changes to the same revision win', async () => {
    const agent = await create();
    const change = () => bench.call('PATCH', `/agents/${agent.id}`, { name: 'x' }, { 'if-match': '"1"' });
    const statuses = (await Promise.all([change(), change()])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 412]);
  });

  it('says that nothing changed since it was read, until a run changes the sums', async () => {
    const agent = await create();
    const address = `/agents/${agent.id}`;
    const known = await bench.call('GET', address, undefined, { 'if-none-match': 'W/"9", "1"' });
    expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', '"1"']);
    expect((await bench.call('GET', address, undefined, { 'if-none-match': '*' })).status).toBe(304);

    await bench.call('POST', `${address}/run`);
    const fresh = await bench.call('GET', address, undefined, { 'if-none-match': '"1"' });
    const etag = fresh.headers.get('etag') ?? '';
    expect(fresh.status).toBe(200);
    expect(etag).toMatch(/^"1-[0-9a-f]{8}"$/);
    expect((await bench.call('GET', address, undefined, { 'if-none-match': etag })).status).toBe(304);
    expect((await bench.call('PATCH', address, { name: 'x' }, { 'if-match': etag })).status).toBe(200);
  });
});

describe('running', () => {
  it('queues a run before it answers, with input and limits over the agent’s own', async () => {
    const agent = await create({ limits: { maxTurns: 3 } });
    const body = { input: 'today', limits: { timeoutSeconds: 5 } };
    const response = await bench.call('POST', `/agents/${agent.id}/run`, body);
    const answer = await readJson<AgentRunAcceptedView>(response);
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/runs/${answer.executionId}`);
    expect(answer.run).toMatchObject({
      id: answer.executionId,
      agentId: agent.id,
      status: 'queued',
      trigger: { kind: 'manual' },
      attempt: 0,
      limits: { timeoutSeconds: 5, maxTurns: 3 },
    });
    expect(schemas.AgentRunAccepted.strict().safeParse(answer).error).toBeUndefined();
    const stored = await bench.engine.stores.runs.get(answer.executionId as RunId);
    expect(stored?.task.prompt).toBe('p\n\ntoday');
    expect(await readJson(await bench.call('GET', `/runs/${answer.executionId}`))).toEqual(answer.run);
  });

  it.each([undefined, {}, { input: null }, { input: '  ' }])('adds no input for %j', async (body) => {
    const agent = await create();
    const answer = await bench.call('POST', `/agents/${agent.id}/run`, body);
    const { executionId } = await readJson<AgentRunAcceptedView>(answer);
    expect((await bench.engine.stores.runs.get(executionId as RunId))?.task.prompt).toBe('p');
  });

  it('shows the newest run and the tokens of all on the agent', async () => {
    const agent = await create();
    const answer = await bench.call('POST', `/agents/${agent.id}/run`);
    const id = (await readJson<AgentRunAcceptedView>(answer)).executionId as RunId;
    await bench.start(id);
    await bench.meter(id, 'claude-haiku-4-5', 7);
    const shown = await readJson<AgentView>(await bench.call('GET', `/agents/${agent.id}`));
    expect(shown.lastRun).toMatchObject({ id, status: 'running' });
    expect(shown.totalTokenUsage.outputTokens).toBe(7);
    const list = await readJson<{ data: RunView[] }>(
      await bench.call('GET', `/agents/${agent.id}/runs?status=running`),
    );
    expect(list.data.map((run) => run.id)).toEqual([id]);
  });
});

describe('deleting', () => {
  it('deletes the agent and keeps its runs', async () => {
    const agent = await create();
    const answer = await bench.call('POST', `/agents/${agent.id}/run`);
    const { executionId } = await readJson<AgentRunAcceptedView>(answer);
    const gone = await bench.call('DELETE', `/agents/${agent.id}`, undefined, { 'if-match': '"1"' });
    expect([gone.status, await gone.text()]).toEqual([204, '']);
    const detail = `There is no agent ${agent.id}.`;
    await expectProblem(await bench.call('GET', `/agents/${agent.id}`), { code: 'not_found', detail });
    const runs = await readJson<{ data: RunView[] }>(await bench.call('GET', `/runs?agentId=${agent.id}`));
    expect(runs.data.map((run) => run.id)).toEqual([executionId]);
  });
});
