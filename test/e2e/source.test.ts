/** A repository as the beginning of a run, over the HTTP API: https, an authority of its own, credentials. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesWith } from '../contracts/executor/host-traces.ts';
import { createAuthority } from '../support/network/self-signed.ts';
import { type GitServer, openGitServer } from '../support/registries/git-server.ts';
import { type DataDir, openDataDir } from '../support/server/server.ts';
import { openStage, type Stage } from '../support/server/stage.ts';

const PASSWORD = 'git-password-that-nobody-may-see';
const authority = createAuthority('Corp Root');
/** As a company's own name service would know it; on this machine. */
const NAME = 'git.corp.example';
const PRELOAD = new URL('../support/network/host-names.mjs', import.meta.url).href;
const named = (text: string): string => text.replace('localhost', NAME);

let git: GitServer;
let settings: DataDir;
let stage: Stage;
beforeAll(async () => {
  git = await openGitServer(`robot:${PASSWORD}`, authority.issue(NAME));
  writeFileSync(join(git.dir, 'README'), 'first\n');
  writeFileSync(join(git.dir, 'old'), 'old\n');
  git.git('add', '.');
  git.git('commit', '--quiet', '-m', 'one');
  git.git('checkout', '--quiet', '-b', 'side');
  writeFileSync(join(git.dir, 'README'), 'on the side\n');
  git.git('commit', '--quiet', '-am', 'two');
  git.git('checkout', '--quiet', 'main');
  settings = await openDataDir();
  const [caFile, credentials] = ['corp.pem', 'credentials'].map((name) => join(settings.path, name));
  writeFileSync(caFile ?? '', authority.cert);
  writeFileSync(credentials ?? '', `${named(git.url).replace('://', `://robot:${PASSWORD}@`)}\n`, { mode: 0o600 });
  stage = await openStage({
    env: {
      NODE_OPTIONS: `--import ${PRELOAD}`,
      TEST_HOST_NAMES: JSON.stringify({ [NAME]: ['127.0.0.1'] }),
      SLIPWAY_PRIVATE_HOSTS: named(git.host),
      SLIPWAY_CA_FILE: caFile ?? '',
      SLIPWAY_GIT_CREDENTIALS: credentials ?? '',
    },
  });
});
afterAll(async () => {
  await Promise.all([stage.close(), git.close()]);
  await settings.remove();
});

const source = (ref: string) => ({ source: { git: `${named(git.url)}/project.git`, ref } });
const SEARCH = `grep -rl ${PASSWORD.slice(0, 12)} /workspace /home /tmp /run /opt 2>/dev/null; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c robot; cat .git/config; ls -A ~ | grep -E 'cred|pem'`;

describe('a run with a repository', () => {
  it('begins with it, is compared with it, and never has the credentials that fetched it', async () => {
    const command = `${SEARCH}; cat README; echo more >> README; rm old; echo new > added; git log --oneline | wc -l`;
    const { run, events } = await stage.run(`[[demo:bash]] ${command}`, {
      ...source('side'),
      permissionMode: 'bypassPermissions',
    });
    expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'succeeded' });
    const printed = JSON.stringify(events.find(({ type }) => type === 'agent.tool_result').data.content);
    expect(printed).toContain('on the side\\n1');
    expect(printed).toContain(`url = ${named(git.url)}/project.git`);
    expect(printed).not.toMatch(/robot|git-credentials|pem/);
    const steps = events.flatMap(({ type, data }) => (type === 'run.preparing' ? [`${data.step} ${data.status}`] : []));
    expect(steps).toEqual(['source started', 'source done']);
    const { body } = await stage.request('GET', `/runs/${run.id}/artifacts`);
    const files = body.data.map(({ path, status }: { path: string; status: string }) => `${path} ${status}`);
    expect(files.toSorted()).toEqual(['README modified', 'added added', 'old deleted']);
    const diff = await stage.request('GET', `/runs/${run.id}/diff`);
    expect(String(diff.body)).toContain(' on the side\n+more\n');
    expect(String(diff.body)).toContain('-old\n');
    expect(JSON.stringify({ run, events }) + stage.server().printed()).not.toContain(PASSWORD);
    expect(filesWith(PASSWORD, stage.server().dataDir)).toEqual([]);
  }, 120_000);

  it('fails with the words of git when there is no such ref, and nothing was executed', async () => {
    const { run, events } = await stage.run('[[demo:hello]]', source('no-such-branch'));
    expect(run).toMatchObject({
      status: 'failed',
      error: {
        code: 'source_failed',
        message: expect.stringContaining("couldn't find remote ref no-such-branch"),
        hint: expect.stringContaining('Nothing was executed'),
      },
    });
    expect(events.map(({ type }) => type)).toEqual(['run.queued', 'run.starting', 'run.preparing', 'run.failed']);
    expect(JSON.stringify({ run, events })).not.toContain(PASSWORD);
  }, 120_000);

  it('fails by name of its certificate where the server does not know the authority', async () => {
    await stage.restart({ SLIPWAY_CA_FILE: '' });
    const asked = git.asked.length;
    const { run } = await stage.run('[[demo:hello]]', source('main'));
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'source_failed', message: expect.stringMatching(/certificate/i) },
    });
    expect(git.asked.length).toBe(asked);
    expect(execFileSync('ps', ['-eo', 'args']).toString()).not.toContain(PASSWORD);
  }, 120_000);
});
