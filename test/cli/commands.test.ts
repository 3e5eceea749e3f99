/** Each command against a real server, as a script would use it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentView } from '../../src/api/agent-schemas.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { type Ended, type Given, start } from './slipway.ts';

const EVIL = '\u001b]0;owned\u0007\u001b[2J\u009b31m over\rwritten \u202egnp.exe';
let stage: Stage;
let directory: string;
beforeAll(async () => {
  stage = await openStage({
    scenarios: { evil: { about: 'Hostile text.', turns: [{ blocks: [{ type: 'text', text: EVIL }] }] } },
  });
  directory = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
});
afterAll(async () => {
  await stage.close();
  await rm(directory, { recursive: true });
});

const cli = (args: readonly string[], given: Given = {}): Promise<Ended> =>
  start(args, { ...given, env: { SLIPWAY_URL: stage.server().url, ...given.env } }).ended;

/** Output of a command that must succeed. */
const ok = async (args: readonly string[], given: Given = {}): Promise<string> => {
  const { code, out, err } = await cli(args, given);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return out;
};
const read = async (args: readonly string[]) => JSON.parse(await ok([...args, '--json']));
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

describe('slipway', () => {
  it('says that lists are empty', async () => {
    expect(await ok(['agents', 'list'])).toContain('There are no agents yet.');
    expect(await ok(['runs', 'list', '--status', 'skipped'])).toContain('There are no such runs.');
    expect(await read(['agents', 'list'])).toEqual([]);
  });

  it('creates, lists, shows, edits, runs and deletes an agent', async () => {
    const file = join(directory, 'agent.json');
    await writeFile(file, JSON.stringify({ prompt: 'from the file', limits: { cpus: 0.5 } }));
    const made = await ok([
      ...['agents', 'create', 'Tidy', '--file', file, '--prompt', '[[demo:write-file]] hi', '--timeout', '2m'],
      ...['--memory', '1g', '--budget', '1.5', '--allow-tool', 'Bash(ls:*)', '--allow-tool', 'Read'],
      ...['--schedule', '0 9 * * 1', '--timezone', 'Asia/Seoul'],
    ]);
    const id = /Agent (\S+) is made/.exec(made)?.[1] ?? '';
    expect(await read(['agents', 'show', id])).toMatchObject({
      name: 'Tidy',
      prompt: '[[demo:write-file]] hi',
      allowedTools: ['Bash(ls:*)', 'Read'],
      limits: { timeoutSeconds: 120, memoryMb: 1024, maxBudgetUsd: 1.5, cpus: 0.5 },
      schedule: { cron: '0 9 * * 1', timezone: 'Asia/Seoul' },
    });
    expect(await ok(['agents', 'list'])).toMatch(/never ran {2}in \d+ (h|days|min) +Tidy\n$/);
    expect(await ok(['agents', 'show', id])).toMatch(/Next run +in \d+ (h|days|min) \(20\d\d-/);
    await ok(['agents', 'edit', id, '--clear', 'schedule', '--clear', 'budget', '--name', 'Neat', '--max-turns', '9']);
    const agent = await read(['agents', 'show', id]);
    expect(agent).toMatchObject({ name: 'Neat', revision: 2, limits: { maxTurns: 9, cpus: 0.5 } });
    expect([agent.schedule, agent.limits.maxBudgetUsd]).toEqual([undefined, undefined]);
    expect(await ok(['agents', 'list'])).toMatch(
      /^ID +STATUS +LAST RUN +NEXT RUN +NAME\n\S{36} {2}active {2}never ran {2}- {9}Neat\n$/,
    );
    expect(await ok(['agents', 'show', id])).toContain('9 turns');
    expect((await cli(['agents', 'edit', id, '--name', 'Late', '--revision', '1'])).code).toBe(1);
    const history = await ok(['agents', 'history', id]);
    expect(history).toMatch(
      /^Revision 2 {2}.*\n {2}name: Tidy → Neat\n {2}schedule: 0 9 \* \* 1 · Asia\/Seoul · skip → none\n/,
    );
    expect(history).toMatch(
      / {2}limits\.maxBudgetUsd: 1\.5 → none\n {2}limits\.maxTurns: none → 9\nRevision 1 .*\n {2}made\n$/,
    );
    expect((await read(['agents', 'history', id, '--limit', '1'])).map(({ name }: AgentView) => name)).toEqual([
      'Neat',
    ]);
    const run = JSON.parse(await ok(['run', '--agent', id, 'and more', '--json']));
    expect(run).toMatchObject({ agentId: id, status: 'succeeded' });
    expect(await ok(['agents', 'delete', id])).toContain('Its runs are kept.');
    expect(await read(['runs', 'list', '--agent', id, '--limit', '1'])).toHaveLength(1);
  });

  it('prints a transcript, and afterwards all that a run left', async () => {
    const out = await ok(['run', '-'], { input: '[[demo:write-file]] from a pipe' });
    expect(out).toMatch(/tool +Write \/workspace\/hello\.txt[\s\S]*Outcome +succeeded[\s\S]*Files +added hello\.txt/);
    expect(out.match(/I wrote hello\.txt\./g)).toHaveLength(1);
    const id = /^Run +(\S+)/.exec(out)?.[1] ?? '';
    expect(await read(['runs', 'show', id])).toMatchObject({ id, status: 'succeeded' });
    expect(await ok(['runs', 'show', id])).toContain('I wrote hello.txt.');
    const events = (await ok(['runs', 'logs', id, '--json']))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(await ok(['runs', 'logs', '-f', id])).toMatch(/1 {2}\d\d:\d\d:\d\d {2}queued[\s\S]*succeeded\n$/);
    expect(await ok(['runs', 'logs', '-f', id, '--after', String(events.length)])).toBe('');
    expect(await ok(['runs', 'logs', id, '--raw'])).toContain('"type":"result"');
    expect(await ok(['runs', 'list', '--limit', '5'])).toMatch(new RegExp(`${id}.*write-file.*from a pipe`));
    expect(await ok(['runs', 'diff', id])).toContain('+from a pipe');
    expect(await read(['runs', 'files', id])).toMatchObject([{ path: 'hello.txt', status: 'added' }]);
    expect(await ok(['runs', 'files', id])).toMatch(/added +\d+ +file +hello\.txt/);
    const target = join(directory, 'out');
    await ok(['runs', 'download', id, '-o', target]);
    expect(await readFile(join(target, 'hello.txt'), 'utf8')).toContain('from a pipe');
    expect((await cli(['runs', 'download', id, '-o', target])).code).toBe(1);
    await ok(['runs', 'download', id, 'hello.txt', '-o', target, '--force']);
    expect((await cli(['runs', 'download', id, '../hello.txt', '-o', target])).code).toBe(2);
    expect(JSON.parse(await ok(['runs', 'retry', id, '--json']))).toMatchObject({ retryOf: id, status: 'succeeded' });
  });

  it('says what was denied and what would allow it', async () => {
    const out = await ok(['run', '[[demo:denied]]']);
    expect(out).toMatch(/DENIED +Bash curl -s/);
    expect(out).toContain('allowedTools: ["Bash(curl:*)"]');
  });

  it('takes the power from hostile output', async () => {
    const out = await ok(['run', '[[demo:evil]]']);
    const id = /^Run +(\S+)/.exec(out)?.[1] ?? '';
    const shown = [
      out,
      await ok(['runs', 'logs', id]),
      await ok(['runs', 'show', id]),
      await ok(['runs', 'show', id, '--json']),
    ];
    for (const text of shown) {
      expect(text).toContain('owned');
      expect(text).not.toMatch(CONTROL);
    }
    expect((await read(['runs', 'show', id])).result.text).toBe(EVIL);
  });

  it('makes keys; on the machine itself it lists and revokes those of all users', async () => {
    const env = { SLIPWAY_DATA_DIR: join(directory, 'data'), SLIPWAY_URL: '' };
    expect(await ok(['keys', 'list'], { env })).toContain('There are no keys.');
    expect(await ok(['keys', 'create', '--name', 'a'], { env })).toMatch(/^slw_/);
    await ok(['keys', 'create', '--user', 'ann', '--name', EVIL], { env });
    const [anns, own] = JSON.parse(await ok(['keys', 'list', '--json'], { env }));
    expect(anns).toMatchObject({ userId: 'ann', name: EVIL });
    expect(own).toMatchObject({ userId: 'local', name: 'a' });
    expect(Object.keys(own).sort()).toEqual(['createdAt', 'id', 'name', 'prefix', 'userId']);
    expect(JSON.parse(await ok(['keys', 'list', '--user', 'ann', '--json'], { env }))).toEqual([anns]);
    expect(await ok(['keys', 'revoke', anns.id], { env })).toBe(`Key ${anns.id} of ann is revoked.\n`);
    const table = await ok(['keys', 'list'], { env });
    expect(table).toMatch(/^ID +USER +KEY +STATE +CREATED +LAST USED +NAME\n/);
    expect(table).toMatch(/ann +slw_\S+… +revoked (just now|\d+ s ago) +(just now|\d+ s ago) +never +\\x1b/);
    expect(table).toMatch(/local +slw_\S+… +valid +(just now|\d+ s ago) +never +a\n/);
    expect(table).not.toMatch(CONTROL);
    const unknown = await cli(['keys', 'revoke', '01991f5e-7c1a-7000-8000-000000000000'], { env });
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('There is no key')]);
  });

  it('lists and revokes my own keys on a server that is named', async () => {
    const secret = (
      await ok(['keys', 'create', '--user', 'ann'], { env: { SLIPWAY_DATA_DIR: stage.server().dataDir } })
    ).trim();
    await ok(['keys', 'create', '--user', 'bob'], { env: { SLIPWAY_DATA_DIR: stage.server().dataDir } });
    const other = await stage.second({ SLIPWAY_AUTH: 'api-key' });
    const env = { SLIPWAY_URL: other.url, SLIPWAY_API_KEY: secret };
    const [key, ...more] = JSON.parse(await ok(['keys', 'list', '--json'], { env }));
    expect(more).toEqual([]);
    expect(key).toMatchObject({ userId: 'ann', lastUsedAt: expect.stringMatching(/^20/) });
    expect((await cli(['keys', 'list', '--user', 'bob'], { env })).code).toBe(2);
    await ok(['keys', 'revoke', key.id], { env });
    expect((await cli(['keys', 'list'], { env })).err).toContain('was revoked');
  });

  it('shows a key as set, never its value', async () => {
    expect(JSON.parse(await ok(['config', '--json'], { env: { SLIPWAY_API_KEY: 'slw_x' } }))).toMatchObject({
      SLIPWAY_API_KEY: '(set)',
    });
  });
});
