/** From a vague wish to an agent that runs: the real CLI in the real sandbox, the model's words scripted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const say = async (message: string, conversationId?: string, more: object = {}) => {
  const answer = await stage.request('POST', '/api/conversation', { message, conversationId, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};

/** The texts of a session's users in the newest request that reached the model. */
const reached = (session: string): string[] => {
  const request = stage.model
    .requests()
    .filter((one) => one.path.startsWith('/v1/messages') && one.headers['x-claude-code-session-id'] === session)
    .at(-1);
  return JSON.stringify(request?.body)?.match(/"text":"((?:[^"\\]|\\.)*)"/g) ?? [];
};

const sessionOf = async (runId: string): Promise<string> =>
  (await stage.request('GET', `/runs/${runId}`)).body.sessionId;

describe('a conversation', () => {
  it('leads from a vague wish to an agent with the proposed fields, which then runs', async () => {
    const vague = await say('I need reports', undefined, { timezone: 'Asia/Seoul' });
    expect(vague).toMatchObject({ proposal: null, agent: null, agentCreated: false });
    expect(vague.text).toContain('?');
    const id = vague.conversationId;
    const first = await say('Summarise notes.md for me every Monday at 9', id);
    expect(first).toMatchObject({ conversationId: id, agent: null, agentCreated: false });
    expect(first.proposal.agent.schedule).toMatchObject({ cron: '0 9 * * 1', timezone: 'Asia/Seoul' });
    expect(first.proposal.consequences.nextFirings).toHaveLength(5);
    expect(first.proposal.consequences.nextFirings[0].local).toMatch(/Mon.*09:00/);
    const corrected = await say('at 10 please', id);
    expect(corrected.proposal.agent).toEqual({
      ...first.proposal.agent,
      schedule: { ...first.proposal.agent.schedule, cron: '0 10 * * 1' },
    });
    expect((await stage.request('GET', '/agents')).body.data).toEqual([]);
    const agreed = await say('Yes', id);
    expect(agreed).toMatchObject({ agentCreated: true, proposal: { saved: true } });
    const { body: agent } = await stage.request('GET', `/agents/${agreed.agent.id}`);
    const { name, prompt, schedule, limits } = corrected.proposal.agent;
    expect(agent).toMatchObject({ name, prompt, schedule });
    expect(agent.limits).toMatchObject({ maxBudgetUsd: limits.maxBudgetUsd });
    // Agreeing again makes no second one.
    expect((await say('yes', id)).agent.id).toBe(agent.id);
    expect((await stage.request('POST', `/api/conversations/${id}/agent`)).body.id).toBe(agent.id);
    expect((await stage.request('GET', '/agents')).body.data).toHaveLength(1);
    const accepted = await stage.request('POST', `/agents/${agent.id}/run`, {});
    expect((await stage.finish(accepted.body.executionId)).run.status).toBe('succeeded');
  }, 120_000);

  it('goes on in another process, and the model receives the whole history once', async () => {
    const first = await say('remember the word ALPHA-1 please for a summary');
    await stage.restart();
    const second = await say('and BRAVO-2 as well in the summary', first.conversationId);
    const session = await sessionOf(second.runId);
    expect(session).toBe(await sessionOf(first.runId));
    const texts = reached(session).join('\n');
    expect(texts.match(/ALPHA-1/g)).toHaveLength(1);
    expect(texts.match(/BRAVO-2/g)).toHaveLength(1);
    const events = (await stage.request('GET', `/runs/${second.runId}/events`)).body.data;
    expect(JSON.stringify(events)).not.toContain('a new session begins');
  }, 120_000);
});
