/** A repository as the beginning of a workspace in a build, fetched by the real git from a server on loopback. */

import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileIn, printed, run, shell } from '../contracts/executor/jobs.ts';
import { type OpenCloudBuild, openCloudBuild } from '../contracts/executor/open-cloud-build.ts';
import { listener, stepsOf } from '../contracts/executor/prepare/open-preparing.ts';
import { expectChangesTold, openProject } from '../contracts/executor/prepare/project.ts';
import type { GitServer } from '../support/registries/git-server.ts';

describe('the repository of a job in a build', () => {
  let server: GitServer;
  let opened: OpenCloudBuild;
  beforeEach(async () => {
    opened = await openCloudBuild();
    server = await openProject({ outside: '/etc' });
  });
  afterEach(async () => {
    await opened.close();
    await server.close();
  });

  const source = (ref = 'HEAD') => ({ git: `${server.url}/project.git`, ref });

  it.each([
    ['HEAD', 'main', 'first'],
    ['main', 'main', 'first'],
    ['side/branch', 'side/branch', 'on the side'],
    ['v1', 'HEAD', 'first'],
    ['a commit', 'HEAD', 'on the side'],
  ])('is there at %s, with its history of one commit, and is the own of the agent', async (name, branch, text) => {
    const ref = name === 'a commit' ? server.git('rev-parse', 'side/branch') : name;
    const script = `git rev-parse --abbrev-ref HEAD; cat README; git log --oneline | wc -l; git remote -v | head -1 | cut -f2
      git status --short; echo new >> README; git status --short; touch .git/x && ls .git/hooks 2>/dev/null; stat -c %u . README`;
    const heard = listener();
    const execution = await opened.executor.start(shell(script, { source: source(ref) }), heard);
    const { stdout, stderr } = await printed(execution);
    await execution.release();
    const remote = `${server.url}/project.git (fetch)`;
    expect(stderr.toString()).toBe('');
    expect(stdout.toString()).toBe(`${branch}\n${text}\n1\n${remote}\n M README\n1000\n1000\n`);
    expect(stepsOf(heard).at(-1)).toBe('source done');
  });

  it('is what changed files are compared with, its administration left out', async () => {
    await expectChangesTold(opened.executor, source());
  });

  it('is not followed out of the place where files are laid into it, by whoever is root', async () => {
    const escaping = shell('true', { source: source(), files: [fileIn('link/slipway-escape', 'x')] });
    await expect(opened.executor.start(escaping)).rejects.toMatchObject({ code: 'place_failed' });
    expect(() => statSync('/etc/slipway-escape')).toThrow('ENOENT');
    const files = [fileIn('src/more', 'laid in'), fileIn('link', ' for the link')];
    const job = shell('cat src/more link', { source: source(), files });
    expect((await run(opened.executor, job)).stdout).toBe('laid in for the link');
  });

  it('that cannot be had is told with the words of git, and nothing is executed', async () => {
    const missing = opened.executor.start(shell('true', { source: source('not-there') }));
    await expect(missing).rejects.toMatchObject({
      code: 'source_failed',
      message: expect.stringMatching(/at not-there:[\s\S]*not-there/),
    });
    const elsewhere = { git: `${server.url}/nothing.git`, ref: 'HEAD' };
    await expect(opened.executor.start(shell('true', { source: elsewhere }))).rejects.toMatchObject({
      code: 'source_failed',
    });
    expect([...opened.emulator.objects.list('bucket', 'jobs/')]).toEqual([]);
  });

  it.each([
    ['http://example.com/a.git', 'HEAD'],
    ['ssh://example.com/a.git', 'HEAD'],
    ['file:///etc', 'HEAD'],
    ['https://user:pass@example.com/a.git', 'HEAD'],
    ['https://example.com/a.git', '--upload-pack=x'],
  ])('is refused as %s at %s before anything is made for it', async (git, ref) => {
    const start = opened.executor.start(shell('true', { source: { git, ref } }));
    await expect(start).rejects.toMatchObject({ code: 'source_failed' });
    expect(opened.emulator.cloudBuild.builds).toEqual([]);
  });

  it('is refused where the server has credentials for its host, which no build gets; others are fetched', async () => {
    const gitCredentials = join(server.dir, '..', `credentials-${process.pid}`);
    const registries = { npmRegistry: null, pipIndex: null, wantCredentials: false, privateHosts: ['localhost'] };
    const executor = opened.with({ registries: { ...registries, gitCredentials } });
    const start = () => executor.start(shell('cat README', { source: source() }));
    const builds = (): number => opened.emulator.cloudBuild.builds.length;
    try {
      await expect(start()).rejects.toMatchObject({ code: 'source_failed', message: expect.stringContaining('read') });
      writeFileSync(gitCredentials, `https://other.example\n${server.url.replace('://', '://ann:token@')}\n`);
      await expect(start()).rejects.toMatchObject({
        code: 'source_failed',
        message: expect.stringContaining('want credentials'),
        hint: expect.stringContaining('Nothing was executed'),
      });
      expect([builds(), [...opened.emulator.objects.list('bucket', 'jobs/')]]).toEqual([0, []]);
      writeFileSync(gitCredentials, 'https://ann:token@other.example\n');
      const execution = await start();
      expect((await printed(execution)).stdout.toString()).toBe('first\n');
      await execution.release();
    } finally {
      rmSync(gitCredentials, { force: true });
    }
  });
});
