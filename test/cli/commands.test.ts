/** Each command against a real server, as a script would use it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    await ok(['agents', 'edit', id, '--clear', 'schedule', '--clear', 'budget', '--name', 'Neat', '--max-turns', '9']);
    const agent = await read(['agents', 'show', id]);
    expect(agent).toMatchObject({ name: 'Neat', revision: 2, limits: { maxTurns: 9, cpus: 0.5 } });
    expect([agent.schedule, agent.limits.maxBudgetUsd]).toEqual([undefined, undefined]);
    expect(await ok(['agents', 'list'])).toMatch(
      /^ID +STATUS +LAST RUN +NAME\n\S{36} {2}active {2}never ran {2}Neat\n$/,
    );
    expect(await ok(['agents', 'show', id])).toContain('9 turns');
    expect((await cli(['agents', 'edit', id, '--name', 'Late', '--revision', '1'])).code).toBe(1);
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

  it('makes keys, and completion scripts that a shell takes', async () => {
    const env = { SLIPWAY_DATA_DIR: join(directory, 'data') };
    expect(await ok(['keys', 'list'], { env })).toContain('has no keys');
    expect(await ok(['keys', 'create', '--name', 'a'], { env })).toMatch(/^slw_/);
    const [key] = JSON.parse(await ok(['keys', 'list', '--json'], { env }));
    await ok(['keys', 'revoke', key.id], { env });
    expect(await ok(['keys', 'list'], { env })).toContain('revoked');
    const script = join(directory, 'completion.bash');
    await writeFile(script, await ok(['completion', 'bash']));
    const ask = `source ${script}; COMP_WORDS=(slipway runs l); COMP_CWORD=2; _slipway; echo "\${COMPREPLY[@]}"`;
    expect((await promisify(execFile)('bash', ['-c', ask])).stdout.trim()).toBe('list logs');
    expect(await ok(['completion', 'zsh'])).toContain('#compdef slipway');
    expect(await ok(['completion', 'fish'])).toContain("-a 'agents'");
    expect(JSON.parse(await ok(['config', '--json'], { env: { SLIPWAY_API_KEY: 'slw_x' } }))).toMatchObject({
      SLIPWAY_API_KEY: '(set)',
    });
  });
});
