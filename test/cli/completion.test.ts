/** The completion scripts in the shells that they are for, as somebody who has just installed the shell has it. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where.ts';
import { start } from './slipway.ts';

const run = promisify(execFile);
let directory: string;
const scripts = new Map<string, string>();
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-completion-'));
  await writeFile(join(directory, 'a-file-of-mine'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out, err } = await start(['completion', shell]).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const script = join(directory, `completion.${shell}`);
    await writeFile(script, out);
    scripts.set(shell, script);
  }
});
afterAll(() => rm(directory, { recursive: true }));

/** What a program prints on both its streams, in a home of its own. */
const ask = async (shell: string, args: readonly string[]): Promise<string> => {
  const env = { PATH: process.env.PATH, HOME: directory, TERM: 'dumb' };
  const { stdout, stderr } = await run(shell, args, { cwd: directory, env });
  return `${stderr}${stdout}`;
};

const describeShell = (shell: string, describeTests: () => void): void => {
  let missing: string | null = null;
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
  } catch {
    missing = `there is no ${shell}`;
  }
  describeWhere(`completion in ${shell}`, missing, `Debian's package is called ${shell}.`, describeTests);
};

describe('completion in bash', () => {
  it('offers what may follow', async () => {
    const words = `COMP_WORDS=(slipway runs l); COMP_CWORD=2; _slipway; echo "\${COMPREPLY[@]}"`;
    expect((await ask('bash', ['-c', `source ${scripts.get('bash')}; ${words}`])).trim()).toBe('list logs');
  });
});

describeShell('zsh', () => {
  it('is known to a shell that has no completion yet', async () => {
    const script = `source ${scripts.get('zsh')}; print "$_comps[slipway]"`;
    expect(await ask('zsh', ['-f', '-c', script])).toBe('_slipway\n');
  });

  it('offers what may follow, by source and by $fpath', async () => {
    const look = '_describe() { print -l $entries }; words=(slipway runs l); CURRENT=3; _slipway';
    const offered = await ask('zsh', ['-f', '-c', `source ${scripts.get('zsh')}; ${look}`]);
    expect(offered).toMatch(/^logs:/m);
    expect(offered).not.toMatch(/^agents:/m);
    await writeFile(join(directory, '_slipway'), await ask('cat', [scripts.get('zsh') ?? '']));
    const found = await ask('zsh', ['-f', '-c', `fpath=(${directory} $fpath); autoload -Uz _slipway; ${look}`]);
    expect(found).toBe(offered);
  });
});

describeShell('fish', () => {
  const offers = async (line: string): Promise<string[]> => {
    const script = `source ${scripts.get('fish')}; complete -C '${line}'`;
    const text = await ask('fish', ['--no-config', '-c', script]);
    return text
      .split('\n')
      .map((offer) => offer.split('\t')[0] ?? '')
      .filter((offer) => offer !== '');
  };

  it('offers commands, and no files beside them', async () => {
    expect(await offers('slipway ')).toEqual(expect.arrayContaining(['agents', 'runs', 'serve']));
    expect(await offers('slipway ')).not.toContain('a-file-of-mine');
    expect(await offers('slipway runs l')).toEqual(['list', 'logs']);
    expect(await offers('slipway runs show ')).toEqual([]);
  });

  it('offers files, choices and words where an argument takes them', async () => {
    expect(await offers('slipway run --prompt-file ')).toContain('a-file-of-mine');
    expect(await offers('slipway run --permission-mode accept')).toEqual(['acceptEdits']);
    expect(await offers('slipway completion ')).toEqual(['bash', 'fish', 'zsh']);
  });
});
