/** Conversations over HTTP without a model: a turn's run moves only when a test moves it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConversations } from '../../src/conversation/conversations.ts';
import { fileTurn } from '../../src/conversation/file-turn.ts';
import { userId } from '../contracts/stores/fixtures.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { jsonOf, type TalkBench, talkOn } from './bench/talk-bench.ts';

let bench: Bench;
let talk: TalkBench;
beforeEach(async () => {
  bench = await openBench();
  talk = talkOn(bench);
});
afterEach(() => bench.close());

const turn: TalkBench['turn'] = (...given) => talk.turn(...given);

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

  it('is changed once, however often and however it is agreed to at once', async () => {
    const agent = await jsonOf(await bench.call('POST', '/agents', PROPOSAL));
    const { body } = await turn({ message: 'x', agentId: agent.id }, { text: 'So?', proposal: { prompt: 'Else.' } });
    const path = `/api/conversations/${body.conversationId}/agent`;
    const key = { 'idempotency-key': 'agreed' };
    const calls = [undefined, undefined, key, key, key].map((headers) => bench.call('POST', path, undefined, headers));
    const said = turn({ message: 'yes', conversationId: body.conversationId }, { text: 'Done.', confirmed: true });
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect((await said).body).toMatchObject({ agentCreated: true, agent: { id: agent.id, revision: 2 } });
    expect((await bench.call('POST', path, undefined, key)).status).toBe(201);
    expect(await jsonOf(await bench.call('GET', `/agents/${agent.id}`))).toMatchObject({
      prompt: 'Else.',
      revision: 2,
    });
    expect((await jsonOf(await bench.call('GET', '/agents'))).data).toHaveLength(1);
  });

  it('that comes while the one before it is saved changes that agent, and makes no second one', async () => {
    const { body } = await turn({ message: 'weekly' }, { text: 'So?', proposal: PROPOSAL });
    const { conversationId } = body;
    // Nobody follows, so nobody else files it.
    const saying = { conversationId, message: 'wider', agentId: null, runId: null, timezone: null };
    await createConversations(bench.engine).begin(userId('local'), saying);
    const run = await talk.answerUnfiled({ text: 'So?', proposal: { ...PROPOSAL, prompt: 'Else.' } });
    // The agent is saved at the last moment: after the answer was looked at, before it is written down.
    const { conversations } = bench.engine.stores;
    let isSaved = false;
    const messages: typeof conversations.messages = async (...given) => {
      const found = await conversations.messages(...given);
      if (!isSaved) {
        isSaved = true;
        await bench.call('POST', `/api/conversations/${conversationId}/agent`, { seq: body.proposal.seq });
      }
      return found;
    };
    const stores = { ...bench.engine.stores, conversations: { ...conversations, messages } };
    await fileTurn({ ...bench.engine, stores }, run);
    const after = await talk.read(conversationId);
    expect(after.proposal).toMatchObject({ agentId: after.agent.id, revision: 1, saved: false });
    await bench.call('POST', `/api/conversations/${conversationId}/agent`, { seq: after.proposal.seq });
    expect((await jsonOf(await bench.call('GET', '/agents'))).data).toMatchObject([{ prompt: 'Else.', revision: 2 }]);
  });

  it('that changed after the user had written yes is not agreed to', async () => {
    const { body } = await turn({ message: '매주 요약' }, { text: '이렇게요?', proposal: PROPOSAL });
    const { conversationId, proposal } = body;
    const wider = { ...PROPOSAL, allowedTools: ['Bash'] };
    void talk.post({ message: '더 넓게', conversationId });
    const first = await talk.current();
    const yes = talk.post({ message: '네', conversationId });
    await expect.poll(async () => (await talk.read(conversationId)).messages.length).toBe(4);
    await talk.answer({ text: '넓혔습니다.', proposal: wider });
    await expect.poll(async () => (await talk.current()).id).not.toBe(first.id);
    await talk.answer({ text: '켰습니다.', confirmed: true });
    const said = await jsonOf(await yes);
    expect(said).toMatchObject({ agentCreated: false, agent: null, proposal: { saved: false } });
    expect(said.text).toContain('아직 켜지 않았습니다');
    const path = `/api/conversations/${conversationId}/agent`;
    expect((await bench.call('POST', path, { seq: proposal.seq })).status).toBe(409);
    expect((await jsonOf(await bench.call('GET', '/agents'))).data).toEqual([]);
    expect((await bench.call('POST', path, { seq: said.proposal.seq })).status).toBe(201);
    expect((await jsonOf(await bench.call('GET', '/agents'))).data).toMatchObject([{ allowedTools: ['Bash'] }]);
  });

  it('is tried once under one Idempotency-Key, and the estimate of an edit is that of the agent', async () => {
    const agent = await jsonOf(await bench.call('POST', '/agents', PROPOSAL));
    const run = async (path: string, headers: Record<string, string>, tokens: number) => {
      const { executionId } = await jsonOf(await bench.call('POST', path, undefined, headers));
      await bench.start(executionId);
      await bench.meter(executionId, 'claude-sonnet-4-5', tokens);
      await bench.finish(executionId);
      return executionId;
    };
    await run(`/agents/${agent.id}/run`, {}, 100);
    await run(`/agents/${agent.id}/run`, {}, 300);
    const { body } = await turn({ message: 'x', agentId: agent.id }, { text: 'So?', proposal: { prompt: 'Else.' } });
    expect(body.proposal.consequences.estimate).toMatchObject({ runs: 2, tokenUsage: { outputTokens: 200 } });
    expect(body.proposal.consequences.estimate.costUsd).toBeGreaterThan(0);
    const path = `/api/conversations/${body.conversationId}/try`;
    const key = { 'idempotency-key': 'tried' };
    const id = await run(path, key, 5_000);
    const again = await bench.call('POST', path, undefined, key);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await jsonOf(again)).executionId).toBe(id);
    expect(await jsonOf(await bench.call('GET', `/runs/${id}/task`))).toMatchObject({ prompt: 'Else.' });
    expect(await jsonOf(await bench.call('GET', `/agents/${agent.id}`))).toMatchObject({ prompt: 'Summarise.' });
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
    // As the refusal says: its run is cancelled, and then it can be deleted.
    const { activeRunId } = await jsonOf(await bench.call('GET', path));
    await bench.call('POST', `/runs/${activeRunId}/cancel`);
    expect((await waiting).status).toBe(502);
    expect((await bench.call('DELETE', path)).status).toBe(204);
    expect((await bench.call('GET', path)).status).toBe(404);
  });

  it('of another user are as if they were not there, to every operation', async () => {
    const { body } = await turn({ message: 'mine' }, { text: 'So?', proposal: PROPOSAL });
    const agent = await jsonOf(await bench.call('POST', '/agents', PROPOSAL));
    const path = `/api/conversations/${body.conversationId}`;
    const bob = { 'x-user-id': 'bob' };
    const calls = [
      bench.call('GET', path, undefined, bob),
      bench.call('DELETE', path, undefined, bob),
      bench.call('POST', `${path}/agent`, undefined, bob),
      bench.call('POST', `${path}/try`, undefined, bob),
      talk.post({ message: 'x', conversationId: body.conversationId }, bob),
      talk.post({ message: 'x', agentId: agent.id }, bob),
      talk.post({ message: 'x', runId: body.runId }, bob),
    ];
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404, 404]);
    expect((await jsonOf(await bench.call('GET', '/api/conversations', undefined, bob))).data).toEqual([]);
    expect(await talk.queued('bob')).toEqual([]);
    expect((await talk.read(body.conversationId)).messages).toHaveLength(2);
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
