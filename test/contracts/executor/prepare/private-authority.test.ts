/** Registries and repositories of a company's own network: https with certificates of an authority of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_REGISTRY_SETTINGS } from '../../../../src/executors/local/prepare/registries.ts';
import { authoritiesOf } from '../../../../src/system/authorities.ts';
import { createAuthority } from '../../../support/network/self-signed.ts';
import { type GitServer, openGitServer } from '../../../support/registries/git-server.ts';
import { openNpmRegistry } from '../../../support/registries/npm-registry.ts';
import { openPipIndex } from '../../../support/registries/pip-index.ts';
import type { LocalServer } from '../../../support/registries/serve.ts';
import { run, shell } from '../jobs.ts';
import { type OpenPreparing, openPreparing } from './open-preparing.ts';

const authority = createAuthority('Corp Root');
const tls = authority.issue('localhost');
const STEPS = ['npm', 'pip', 'git'] as const;

describe('servers that only the authority of a company vouches for', () => {
  let open: OpenPreparing;
  let npm: LocalServer;
  let pip: LocalServer;
  let git: GitServer;
  let authorities: readonly string[];
  beforeAll(async () => {
    open = await openPreparing();
    npm = await openNpmRegistry([{ name: 'vouched', version: '1.0.0', files: { 'index.js': '' } }], { tls });
    const files = { 'thing/__init__.py': '' };
    pip = await openPipIndex([{ name: 'thing', version: '1.0', kind: 'wheel', files }], undefined, tls);
    git = await openGitServer(undefined, tls);
    writeFileSync(join(git.dir, 'README'), 'from a private host\n');
    git.git('add', '.');
    git.git('commit', '--quiet', '-m', 'one');
    const path = join(open.dataDir, 'corp.pem');
    writeFileSync(path, `Corp Root, for people to read\n${authority.cert}`);
    authorities = authoritiesOf(path);
  });
  afterAll(async () => {
    await open.close();
    await Promise.all([npm, pip, git].map((server) => server.close()));
  });

  const executor = (trusted: readonly string[]) =>
    open.executor({
      authorities: trusted,
      registries: { ...NO_REGISTRY_SETTINGS, npmRegistry: npm.url, pipIndex: `${pip.url}/simple` },
    });
  const JOBS = {
    npm: () => shell(`node -e "require('vouched')" && ls -A "$HOME"`, { packages: ['npm:vouched@1.0.0'] }),
    pip: () => shell(`python3 -c 'import thing' && ls -A "$HOME"`, { packages: ['thing==1.0'] }),
    git: () =>
      shell('grep -q private README && ls -A "$HOME"', { source: { git: `${git.url}/project.git`, ref: 'main' } }),
  };

  // First, since what is installed already is asked of nobody.
  it.each([
    ['npm', /within 5 seconds/],
    ['pip', /certificate/],
    ['git', /certificate/],
  ] as const)(
    'are refused by %s without it',
    async (step, words) => {
      // npm tries again for more than a minute before it says why.
      const limits = step === 'npm' ? { timeoutSeconds: 5 } : {};
      const job = JOBS[step]();
      const started = executor([]).start({ ...job, limits: { ...job.limits, ...limits } });
      await expect(started).rejects.toThrow(words);
      expect([...npm.asked, ...pip.asked, ...git.asked]).toEqual([]);
    },
    60_000,
  );

  it.each(STEPS)(
    'are believed by %s with SLIPWAY_CA_FILE, of which the job itself has nothing',
    async (step) => {
      const { exit, stdout, stderr } = await run(executor(authorities), JOBS[step]());
      expect([exit.code, stdout, stderr]).toEqual([0, '', '']);
    },
    60_000,
  );

  it('do not take the place of the public ones', () => {
    expect(authorities).toContain(authority.cert.trim());
    expect(authorities.length).toBeGreaterThan(50);
  });
});
