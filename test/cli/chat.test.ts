/** `slipway chat` in a pipe, against a real server and the scripted designer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';
import { start } from './slipway.ts';

let stage: Stage;
beforeAll(async () => {
  const evil = { type: 'tool', name: 'StructuredOutput', input: { text: '\u001b[2J\u009bevil' } } as const;
  stage = await openStage({ scenarios: { evil: { about: 'Hostile.', turns: [{ blocks: [evil] }] } } });
});
afterAll(() => stage.close());

const cli = async (args: readonly string[], input?: string) => {
  const given = input === undefined ? {} : { input };
  const { code, out, err } = await start(['chat', ...args], { env: { SLIPWAY_URL: stage.server().url }, ...given })
    .ended;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return { out, err };
};

describe('slipway chat', () => {
  it('proposes, goes on, saves, lists, shows and deletes', async () => {
    const first = await cli(['--timezone', 'Asia/Seoul', 'Summarise notes.md every Monday at 9']);
    expect(first.out).toContain('Proposal: a new agent');
    expect(first.out).toContain('would be denied');
    const id = /--conversation (\S+)/.exec(first.err)?.[1] ?? '';
    const second = await cli(['--conversation', id, '-', '--json'], 'yes');
    const turn = JSON.parse(second.out);
    expect(turn).toMatchObject({ conversationId: id, agentCreated: true });
    expect((await cli(['list'])).out).toContain('Summarise notes.md every Monday');
    expect(JSON.parse((await cli(['list', '--json'])).out)).toMatchObject([{ id }]);
    expect((await cli(['show', id])).out).toContain('yes');
    const edit = await cli(['--agent', turn.agent.id, 'at 10 please']);
    expect(edit.out).toMatch(/- .*0 9 \* \* 1[\s\S]*\+ .*0 10 \* \* 1/);
    await cli(['delete', id]);
    expect((await stage.request('GET', `/api/conversations/${id}`)).status).toBe(404);
  }, 90_000);

  it('lets no control character of a model through', async () => {
    const { out } = await cli(['[[demo:evil]]']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    expect(out).toContain('evil');
  }, 60_000);
});
