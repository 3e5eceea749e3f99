/** A talk with `slipway chat` on a terminal, which `script` makes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');

const ESC = '\u001b';
const PROMPT = new RegExp(`you> ${ESC}\\[\\d+G`, 'g');
const COLOURED = new RegExp(`${ESC}\\[31m {4}- .*10 \\* \\* 1[\\s\\S]*${ESC}\\[32m {4}\\+ .*11 \\* \\* 1`);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** Says one line after the other, each at its own prompt; gives what stood on the screen, without its colours. */
const talk = async (args: readonly string[], lines: readonly string[]) => {
  const command = [process.execPath, MAIN, 'chat', ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm-256color', SLIPWAY_URL: stage.server().url },
    stdio: 'pipe',
  });
  let screen = '';
  let prompts = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    // The prompt is followed by where the cursor is put, and what is typed stands behind that.
    const shown = screen.match(PROMPT)?.length ?? 0;
    for (; prompts < shown; prompts += 1) child.stdin.write(`${lines[prompts] ?? ''}\r`);
  });
  const [code] = await once(child, 'close');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  return { code, screen, plain: screen.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '').replaceAll('\r', '') };
};

describe('a talk', () => {
  it('leads to an agent, knows its commands, and is gone on with', async () => {
    const first = await talk(
      [],
      ['/agree', '/help', 'Summarise notes.md every Monday at 9', 'at 10 please', '/try', '/agree'],
    );
    expect(first.code, first.plain).toBe(0);
    expect(first.plain).toMatch(/There is no proposal yet[\s\S]*\/agree saves[\s\S]*Proposal: a new agent/);
    expect(first.plain).toContain('0 10 * * 1');
    const [, agentId = ''] = /Agent (\S+) is saved/.exec(first.plain) ?? [];
    const [, runId = ''] = /slipway runs logs -f (\S+)/.exec(first.plain) ?? [];
    expect((await stage.request('GET', `/agents/${agentId}`)).body.schedule.cron).toBe('0 10 * * 1');
    expect((await stage.finish(runId)).run.status).toBe('succeeded');
    const [, id = ''] = /--conversation (\S+)/.exec(first.plain) ?? [];
    // An edit: what differs is coloured.
    const second = await talk(['--conversation', id], ['at 11 please', 'yes']);
    expect(second.plain).toMatch(/I changed the proposal[\s\S]*a change of agent[\s\S]*is saved/);
    expect(second.screen).toMatch(COLOURED);
    expect((await stage.request('GET', `/agents/${agentId}`)).body).toMatchObject({ revision: 2 });
  }, 120_000);
});
