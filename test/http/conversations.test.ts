/** Conversations over HTTP without a model: a turn's run moves only when a test moves it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileTurn } from '../../src/conversation/file-turn.ts';
import type { Json } from '../../src/core/json.ts';
import { settle } from '../../src/core/transitions.ts';
import { userId } from '../contracts/stores/fixtures.ts';
import { type Bench, openBench } from './bench/open-bench.ts';

import { readJson } from './bench/read-json.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
const jsonOf = (response: Response): Promise<any> => readJson(response);

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

/** Lets the designer answer the turn that is in progress. */
const answer = async (structured: Json): Promise<void> => {
  const { items } = await bench.engine.stores.runs.list(
    { userId: userId('local'), statuses: ['queued'] },
    { limit: 1, cursor: null },
  );
  const id = items[0]?.id;
  if (id === undefined) throw new Error('No turn is in progress.');
  await bench.start(id);
  const result = { text: '', structured };
  const run = await bench.engine.stores.runs.update(id, (current) =>
    settle(
      current,
      current.leaseToken,
      { status: 'succeeded', stopReason: 'end_turn', limitsHit: [], result },
      [],
      bench.clock.now(),
    ),
  );
  bench.engine.notifier.changed(id);
  await fileTurn(bench.engine, run);
};

/** One whole turn. */
const turn = async (body: object, structured: Json) => {
  const waiting = bench.call('POST', '/api/conversation', body);
  await expect.poll(async () => (await jsonOf(await bench.call('GET', '/runs?status=queued'))).data.length).toBe(1);
  await answer(structured);
  const response = await waiting;
  return { status: response.status, body: await jsonOf(response) };
};

const PROPOSAL = { name: 'Weekly', prompt: 'Summarise.', schedule: { cron: '0 9 * * 1', timezone: 'Europe/Berlin' } };

describe('a proposal', () => {
  it('is saved once, however often it is agreed to', async () => {
    const { body } = await turn({ message: 'weekly' }, { text: 'So?', proposal: PROPOSAL, confirmed: true });
    expect(body).toMatchObject({ agentCreated: false, agent: null, proposal: { agentId: null, saved: false } });
    const path = `/api/conversations/${body.conversationId}`;
    const [one, two] = await Promise.all([bench.call('POST', `${path}/agent`), bench.call('POST', `${path}/agent`)]);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect((await jsonOf(one)).id).toBe((await jsonOf(two)).id);
    const said = await turn({ message: 'yes', conversationId: body.conversationId }, { text: 'Done', confirmed: true });
    expect(said.body).toMatchObject({ agentCreated: true, proposal: { saved: true } });
    expect((await jsonOf(await bench.call('GET', '/agents'))).data).toMatchObject([PROPOSAL]);
  });

  it('that comes with its own agreement is agreed to by nobody', async () => {
    const { body } = await turn({ message: 'weekly' }, { text: 'So?', proposal: PROPOSAL });
    const changed = { ...PROPOSAL, allowedTools: ['Bash'] };
    const said = await turn(
      { message: 'yes', conversationId: body.conversationId },
      { text: 'Done', proposal: changed, confirmed: true },
    );
    expect(said.body).toMatchObject({ agentCreated: false, agent: null, proposal: { saved: false } });
    expect((await jsonOf(await bench.call('GET', '/agents'))).data).toEqual([]);
    const agreed = await turn({ message: 'yes', conversationId: body.conversationId }, { text: 'x', confirmed: true });
    expect(agreed.body).toMatchObject({ agentCreated: true, agent: { allowedTools: ['Bash'] } });
  });

  it('of an edit shows what differs, and is refused when the agent was changed meanwhile', async () => {
    const agent = await jsonOf(await bench.call('POST', '/agents', PROPOSAL));
    const changed = { schedule: { cron: '0 10 * * 1', timezone: 'Europe/Berlin' } };
    const first = await turn({ message: 'at 10', agentId: agent.id }, { text: 'So?', proposal: changed });
    expect(first.body.proposal).toMatchObject({ agentId: agent.id, revision: 1 });
    expect(first.body.proposal.changes.map(({ field }: { field: string }) => field)).toEqual(['schedule']);
    expect(first.body.proposal.agent.prompt).toBe(PROPOSAL.prompt);
    await bench.call('PATCH', `/agents/${agent.id}`, { name: 'Other' });
    const path = `/api/conversations/${first.body.conversationId}`;
    expect((await bench.call('POST', `${path}/agent`)).status).toBe(412);
    const said = await turn(
      { message: 'yes', conversationId: first.body.conversationId },
      { text: 'Done.', confirmed: true },
    );
    expect(said.body.agentCreated).toBe(false);
    expect(said.body.text).toContain('Nothing was saved');
    expect((await jsonOf(await bench.call('GET', `/agents/${agent.id}`))).schedule.cron).toBe('0 9 * * 1');
  });

  it('is tried without being saved, and what that took is the estimate', async () => {
    const { body } = await turn({ message: 'weekly' }, { text: 'So?', proposal: PROPOSAL });
    expect(body.proposal.consequences.estimate).toBeNull();
    const path = `/api/conversations/${body.conversationId}`;
    const tried = await bench.call('POST', `${path}/try`);
    expect(tried.status).toBe(202);
    const { executionId } = await jsonOf(tried);
    await bench.start(executionId);
    await bench.meter(executionId, 'claude-sonnet-4-5', 500);
    await bench.finish(executionId);
    const detail = await jsonOf(await bench.call('GET', path));
    expect(detail.proposal.consequences.estimate).toMatchObject({ runs: 1, tokenUsage: { outputTokens: 500 } });
    expect((await jsonOf(await bench.call('GET', '/agents'))).data).toEqual([]);
  });

  it('is needed before anything can be agreed to', async () => {
    const { body } = await turn({ message: 'hm' }, { text: 'What do you need?', confirmed: true });
    const path = `/api/conversations/${body.conversationId}`;
    expect((await bench.call('POST', `${path}/agent`)).status).toBe(409);
    expect((await bench.call('POST', `${path}/try`)).status).toBe(409);
    expect(body.agentCreated).toBe(false);
  });
});

describe('conversations', () => {
  it('are listed, read and deleted, but not while a turn is in progress', async () => {
    const { body } = await turn({ message: '안녕 <b>' }, { text: '네' });
    const list = await jsonOf(await bench.call('GET', '/api/conversations'));
    expect(list.data).toMatchObject([{ id: body.conversationId, title: '안녕 <b>' }]);
    const path = `/api/conversations/${body.conversationId}`;
    const waiting = bench.call('POST', '/api/conversation', { message: 'more', conversationId: body.conversationId });
    await expect
      .poll(async () => (await jsonOf(await bench.call('GET', path))).messages.at(-1)?.status)
      .toBe('pending');
    expect((await bench.call('DELETE', path)).status).toBe(409);
    await answer({ text: 'ok' });
    expect((await waiting).status).toBe(200);
    expect((await bench.call('DELETE', path)).status).toBe(204);
    expect((await bench.call('GET', path)).status).toBe(404);
  });

  it('take agentId and runId in the first message only', async () => {
    const { body } = await turn({ message: 'hi' }, { text: 'hi' });
    const agentId = '01991f5e-7c1a-7000-8000-000000000000';
    const refused = await bench.call('POST', '/api/conversation', {
      ...{ message: 'x', conversationId: body.conversationId, agentId },
    });
    expect(refused.status).toBe(400);
    expect((await bench.call('POST', '/api/conversation', { message: 'x', timezone: 'Mars/X' })).status).toBe(400);
  });
});
