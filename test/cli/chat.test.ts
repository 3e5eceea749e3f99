/** `slipway chat` in a pipe, against a real server and the scripted designer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Scenario } from '../../src/demo/scenario.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { start } from './slipway.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;
const ESC = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\r';

/** Answers of a hostile model. */
const says = (input: JsonObject): Scenario => ({
  about: 'Hostile.',
  turns: [{ blocks: [{ type: 'tool', name: 'StructuredOutput', input }] }],
});
const rules = Array.from({ length: 40 }, (_, at) => `Bash(git show ${at}:*)`);
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  evil: says({
    text: `${ESC}evil 😀`,
    status: ESC,
    component: { type: 'result', title: ESC, text: ESC },
    proposal: {
      name: 'N',
      prompt: `P\n${ESC}`,
      allowedTools: [...rules, 'Bash(last:*)'],
      mcpServers: { tool: { command: `run-me${ESC}` } },
    },
  }),
  huge: says({ text: 'x'.repeat(200_000) }),
  wrong: says({ text: 7, proposal: 'none' }),
  html: says({ text: '<script>alert(1)</script> [x](javascript:alert(1))' }),
  ...Object.fromEntries(
    (
      [
        ['cron', { schedule: { cron: '* * * * * *', timezone: 'UTC' } }],
        ['zone', { schedule: { cron: '0 9 * * *', timezone: 'Mars/Olympus' } }],
        ['metadata', { network: { allow: ['169.254.169.254'] } }],
      ] as const
    ).map(([name, fields]) => [name, says({ text: 'Here.', proposal: { name: 'N', prompt: 'P', ...fields } })]),
  ),
};

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ scenarios: SCENARIOS });
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

  it('lets no control character of a model through, and hides nothing of what it proposes', async () => {
    const { out, err } = await cli(['[[demo:evil]]']);
    expect(`${out}${err}`).not.toMatch(CONTROL);
    expect(out).toContain('evil 😀');
    for (const rule of [...rules, 'Bash(last:*)', 'run-me']) expect(out).toContain(rule);
    const id = /--conversation (\S+)/.exec(err)?.[1] ?? '';
    expect((await cli(['show', id])).out).not.toMatch(CONTROL);
    expect((await cli(['show', id, '--json'])).out).not.toMatch(CONTROL);
  }, 60_000);

  it('lets no control character of a user through, whoever wrote it', async () => {
    const { err } = await cli(['-'], `${ESC}user says`);
    const id = /--conversation (\S+)/.exec(err)?.[1] ?? '';
    for (const args of [['list'], ['list', '--json'], ['show', id]]) expect((await cli(args)).out).not.toMatch(CONTROL);
    const unknown = await start(['chat', 'show', `x${ESC}`], { env: { SLIPWAY_URL: stage.server().url } }).ended;
    expect(unknown.code).not.toBe(0);
    expect(unknown.err).not.toMatch(CONTROL);
  }, 60_000);

  it.each([
    ['huge', 0, /^x{100000}\n/],
    ['html', 0, /^<script>alert\(1\)<\/script> \[x\]\(javascript:alert\(1\)\)\n/],
    // Told once what is wrong, the scripted designer proposes something else, or stays with it.
    ['cron', 0, /could not be accepted|schedule +none/],
    ['zone', 0, /could not be accepted|schedule +none/],
    ['metadata', 0, /could not be accepted|hosts +none/],
    ['wrong', 1, /^$/],
  ])(
    'shows what a hostile model gives: %s',
    async (name, code, shown) => {
      const going = start(['chat', `[[demo:${name}]]`], { env: { SLIPWAY_URL: stage.server().url } });
      const ended = await going.ended;
      expect(ended.code, ended.err).toBe(code);
      expect(ended.out).toMatch(shown);
      expect(ended.out).not.toMatch(/\* \* \* \* \* \*|Olympus\)|hosts +169/);
      if (code === 0) return;
      expect(ended.err).toContain('send it again');
      const { data } = (await stage.request('GET', '/api/conversations')).body;
      const shownLater = (await cli(['show', data[0].id])).out;
      expect(shownLater).toMatch(/you \(failed\)[\s\S]*did not have the form[\s\S]*was kept.*send it again/);
    },
    60_000,
  );

  it('takes a message of 200 KiB by a pipe, and says what is too long', async () => {
    const { out } = await cli(['-'], `[[demo:html]] ${'긴'.repeat(68_000)} END-OF-IT`);
    expect(out).toContain('alert');
    expect(JSON.stringify(stage.model.requests().at(-1)?.body)).toContain('END-OF-IT');
    const refused = await start(['chat', '-'], {
      ...{ env: { SLIPWAY_URL: stage.server().url }, input: 'x'.repeat(256 * 1024 + 1) },
    }).ended;
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('262144 bytes') });
  }, 60_000);

  it('goes on with the same turn when the server is killed and comes back', async () => {
    const env = { SLIPWAY_URL: stage.server().url };
    const going = start(['chat', 'Summarise notes.md every Monday at 9'], { env });
    await going.seen(/Here is/);
    const port = new URL(stage.server().url).port;
    await stage.server().kill('SIGKILL');
    await stage.restart({ PORT: port });
    const { code, out } = await going.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/The server went away[\s\S]*to switch it on[\s\S]*Proposal: a new agent/);
    const [latest] = JSON.parse((await cli(['list', '--json'])).out);
    const { messages } = JSON.parse((await cli(['show', latest.id, '--json'])).out);
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant']);
  }, 90_000);
});
