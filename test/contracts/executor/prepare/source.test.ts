/** A repository as the beginning of a workspace, fetched by the real git from a server on loopback. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitServer } from '../../../support/registries/git-server.ts';
import { filesWith } from '../host-traces.ts';
import { fileIn, filesBy, printed, run, shell } from '../jobs.ts';
import { listener, type OpenPreparing, openPreparing, stepsOf } from './open-preparing.ts';
import { expectChangesTold, openProject } from './project.ts';

describe('the repository of a job', () => {
  let server: GitServer;
  let open: OpenPreparing;
  beforeEach(async () => {
    open = await openPreparing();
  });
  afterEach(async () => {
    await open.close();
    await server.close();
  });

  const serve = async (credentials?: string): Promise<void> => {
    const outside = join(open.dataDir, 'outside');
    mkdirSync(outside);
    server = await openProject({ outside, ...(credentials === undefined ? {} : { credentials }) });
  };
  const source = (ref = 'HEAD') => ({ git: `${server.url}/project.git`, ref });

  it.each([
    ['HEAD', 'main', 'first'],
    ['main', 'main', 'first'],
    ['side/branch', 'side/branch', 'on the side'],
    ['v1', 'HEAD', 'first'],
    ['a commit', 'HEAD', 'on the side'],
  ])(
    'is there at %s, with its history of one commit, and is the own of the agent',
    async (name, branch, text) => {
      await serve();
      const ref = name === 'a commit' ? server.git('rev-parse', 'side/branch') : name;
      const script = `git rev-parse --abbrev-ref HEAD; cat README; git log --oneline | wc -l; git remote -v | head -1 | cut -f2
      git status --short; echo new >> README; git status --short; touch .git/x && ls .git/hooks 2>/dev/null; stat -c %U . README`;
      const watch = listener();
      const execution = await open.executor().start(shell(script, { source: source(ref) }), watch);
      const { stdout, stderr } = await printed(execution);
      await execution.release();
      const remote = `${server.url}/project.git (fetch)`;
      expect(stderr.toString()).toBe('');
      expect(stdout.toString()).toBe(`${branch}\n${text}\n1\n${remote}\n M README\nagent\nagent\n`);
      expect(stepsOf(watch)).toEqual(['source started', 'source done']);
      expect(readdirSync(join(open.dataDir, 'runs', '.steps')).filter((file) => !file.startsWith('.'))).toEqual([]);
    },
    60_000,
  );

  it('is what changed files are compared with, its administration left out', async () => {
    await serve();
    await expectChangesTold(open.executor(), source());
  }, 60_000);

  it('is compared by content where the time of change tells nothing', async () => {
    await serve();
    const script =
      'cp README x && cat x > README; rm x; printf second > src/main.c; printf "int main;\\n" > src/main.c';
    const execution = await open.executor().start(shell(script, { source: source() }));
    await execution.exit;
    expect([...(await filesBy(execution)).keys()]).toEqual([]);
    await execution.release();
  }, 60_000);

  it('is not followed out of the place where files are laid into it', async () => {
    await serve();
    const escaping = shell('true', { source: source(), files: [fileIn('link/slipway-escape', 'x')] });
    await expect(open.executor().start(escaping)).rejects.toMatchObject({ code: 'place_failed' });
    expect(readdirSync(join(open.dataDir, 'outside'))).toEqual([]);
    const { stdout } = await run(
      open.executor(),
      shell('cat src/more', { source: source(), files: [fileIn('src/more', 'laid in')] }),
    );
    expect(stdout).toBe('laid in');
  }, 60_000);

  it('can be a private one, with credentials that nobody but git sees', async () => {
    const password = 'pass-that-nobody-may-see';
    await serve(`robot:${password}`);
    const credentialsFile = join(open.dataDir, 'credentials');
    const other = 'https://robot:another-secret@git.example';
    writeFileSync(credentialsFile, `${other}\n${server.url.replace('://', `://robot:${password}@`)}\n`, {
      mode: 0o600,
    });
    const git = { credentialsFile, privateHosts: ['localhost'] };
    const script = `cat README; grep -rl ${password} /workspace /home /tmp /run 2>/dev/null; env | grep -c ${password}
      cat .git/config; ls -A "$HOME"; git config --list --show-origin | grep -i cred`;
    const watch = listener();
    const execution = await open.executor({ git }).start(shell(script, { source: source() }), watch);
    const { stdout } = await printed(execution);
    expect(stdout.toString()).toContain('first\n0\n');
    expect(`${stdout} ${JSON.stringify(watch.events)}`).not.toContain('nobody-may-see\n');
    expect(stdout.toString()).not.toMatch(/credential|robot/);
    expect(filesWith(password, join(open.dataDir, 'runs'))).toEqual([]);
    await execution.release();
    const wrong = { credentialsFile, privateHosts: ['localhost'] };
    writeFileSync(credentialsFile, `${server.url.replace('://', '://robot:not-the-password@')}\n`);
    const refused = open.executor({ git: wrong }).start(shell('true', { source: source() }));
    await expect(refused).rejects.toMatchObject({
      code: 'source_failed',
      hint: expect.stringContaining('credentials'),
    });
    const message = await refused.catch((error: Error) => error.message);
    expect(message).not.toContain('not-the-password');
    expect(message).toContain('Authentication failed');
  }, 60_000);

  it.each([
    ['no-such-branch', (url: string) => url, "couldn't find remote ref"],
    ['main', (url: string) => url.replace('project', 'nothing'), 'not found'],
    ['main', () => 'http://localhost:1/x.git', 'localhost'],
  ])(
    'fails with the words of git: %s',
    async (ref, change, words) => {
      await serve();
      const git = change(source().git);
      const started = open.executor().start(shell('true', { source: { git, ref } }));
      await expect(started).rejects.toMatchObject({
        code: 'source_failed',
        message: expect.stringContaining(words),
        hint: expect.stringContaining('Nothing was executed'),
      });
      expect(readdirSync(join(open.dataDir, 'runs')).filter((file) => !file.startsWith('.'))).toEqual([]);
    },
    60_000,
  );

  it.each([
    'file:///etc',
    'ext::sh -c id',
    'ssh://git@git.example/x.git',
    'http://git.example/x.git',
    'https://user:secret@git.example/x.git',
  ])('is asked for by https alone: %s', async (git) => {
    await serve();
    const started = open.executor().start(shell('true', { source: { git, ref: 'HEAD' } }));
    await expect(started).rejects.toMatchObject({
      code: 'source_failed',
      message: expect.stringContaining('no https address'),
    });
    expect(server.asked).toEqual([]);
  });

  it('is fetched without its submodules, and runs nothing of its own', async () => {
    await serve();
    writeFileSync(join(server.dir, '.gitmodules'), `[submodule "s"]\n\tpath = s\n\turl = ${server.url}/other.git\n`);
    writeFileSync(join(server.dir, '.gitattributes'), '* filter=evil\n');
    server.git('add', '.');
    server.git('update-index', '--add', '--cacheinfo', `160000,${server.git('rev-parse', 'HEAD')},s`);
    server.git('commit', '--quiet', '-m', 'with a submodule');
    const { stdout } = await run(open.executor(), shell('ls -A s; cat README', { source: source() }));
    expect(stdout).toBe('first\n');
    expect(server.asked.some((path) => path.includes('other'))).toBe(false);
  }, 60_000);

  it('is broken off within five seconds', async () => {
    await serve();
    const watch = listener();
    const asking = server.hold();
    const started = open.executor().start(shell('true', { source: source() }), watch);
    started.catch(() => undefined);
    await asking;
    const before = Date.now();
    watch.abort();
    await expect(started).rejects.toMatchObject({ code: 'start_aborted' });
    expect(Date.now() - before).toBeLessThan(5_000);
    expect(execFileSync('ps', ['-eo', 'args']).toString()).not.toContain(server.url);
  }, 60_000);
});
