/** The emulator's Cloud Build, through the official client. */
import { cloudbuild, type cloudbuild_v1 } from '@googleapis/cloudbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../contracts/executor/host-traces.ts';
import { type Emulator, openEmulator } from '../support/google/emulator.ts';

type Build = cloudbuild_v1.Schema$Build;
const OVER = ['SUCCESS', 'FAILURE', 'INTERNAL_ERROR', 'TIMEOUT', 'CANCELLED', 'EXPIRED'];
const LOGS = { logsBucket: 'gs://bucket/logs', options: { logStreamingOption: 'STREAM_ON' } };

const bash = (script: string, rest: object = {}) => ({
  name: 'debian',
  entrypoint: '/bin/bash',
  args: ['-c', script],
  ...rest,
});

describe('Cloud Build in the emulator', () => {
  let emulator: Emulator;
  let api: cloudbuild_v1.Cloudbuild;
  beforeEach(async () => {
    emulator = await openEmulator({ logFlushMs: 20, concurrency: 2, secrets: { key: 'the secret' } });
    api = cloudbuild({ version: 'v1', rootUrl: `${emulator.url}/` });
  });
  afterEach(() => emulator.close());

  const parent = 'projects/demo/locations/us-central1';
  const create = async (build: Build): Promise<string> => {
    const { data } = await api.projects.locations.builds.create({ parent, requestBody: build }, { retry: false });
    return data.metadata?.build.id;
  };
  const get = async (id: string): Promise<Build> =>
    (await api.projects.locations.builds.get({ name: `${parent}/builds/${id}` })).data;
  const end = async (id: string): Promise<Build> => {
    for (;;) {
      const build = await get(id);
      if (OVER.includes(build.status ?? '')) return build;
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  const log = async (id: string, range?: string): Promise<string> => {
    const address = `${emulator.url}/storage/v1/b/bucket/o/${encodeURIComponent(`logs/log-${id}.txt`)}?alt=media`;
    return (await fetch(address, { headers: range === undefined ? {} : { range } })).text();
  };
  const run = async (build: Build): Promise<[Build, string]> => {
    const id = await create({ ...LOGS, ...build });
    return [await end(id), await log(id)];
  };
  const refusal = (build: Build): Promise<string> =>
    create(build).then(
      () => '',
      (error: { status?: number; message: string }) => `${error.status} ${error.message}`,
    );

  it('executes steps one after the other over one workspace', async () => {
    const [build, text] = await run({
      steps: [
        bash('echo first > file; echo told > $$BUILDER_OUTPUT/output', { id: 'one' }),
        bash('cat file; echo error >&2; printf unfinished'),
      ],
    });
    expect(build.status).toBe('SUCCESS');
    expect(Buffer.from(build.results?.buildStepOutputs?.[0] ?? '', 'base64').toString()).toBe('told\n');
    expect(text).toContain('Step #1: first\n');
    expect(text).toContain('Step #1: error\n');
    expect(text).toContain('Step #1: unfinished\n');
    expect(build.steps?.map((step) => step.status)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('gives the lines of a single step no prefix', async () => {
    expect((await run({ steps: [bash('echo alone')] }))[1]).toMatch(/^alone$/m);
  });

  it('ends at the first step that fails, unless that is allowed', async () => {
    const [failed, text] = await run({ steps: [bash('exit 3'), bash('echo never')] });
    expect([failed.status, failed.steps?.[0]?.exitCode]).toEqual(['FAILURE', 3]);
    expect(text).not.toContain('never');
    const [allowed] = await run({ steps: [bash('exit 3', { allowFailure: true }), bash('true')] });
    expect(allowed.status).toBe('SUCCESS');
    expect((await run({ steps: [{ name: 'no-such-image', args: ['x'] }] }))[0].status).toBe('FAILURE');
  });

  it('fills in substitutions, and refuses those that do not match', async () => {
    const step = bash('echo "$1" "$2" "$3"'.replaceAll('$', '$$$$'));
    const args = [...step.args, 'x', '$_MINE', '$$HOME', `$\{PROJECT_ID}`];
    const [, text] = await run({ steps: [{ ...step, args }], substitutions: { _MINE: 'a b' } });
    expect(text).toMatch(/^a b \$HOME demo$/m);
    expect(await refusal({ steps: [bash('echo $FOO')] })).toMatch(/400 .*"FOO" is not a valid built-in/);
    expect(await refusal({ steps: [bash('true')], substitutions: { _IDLE: 'x' } })).toMatch(/_IDLE/);
    const [loose] = await run({ steps: [bash('echo $FOO')], options: { substitutionOption: 'ALLOW_LOOSE' } });
    expect(loose.status).toBe('SUCCESS');
    expect((await run({ steps: [{ name: 'debian', script: 'echo $HOME' }] }))[1]).toMatch(/^\/builder\/home$/m);
  });

  it.each<[string, Build, RegExp]>([
    ['an argument that is too long', { steps: [{ name: 'debian', args: ['a'.repeat(10_001)] }] }, /too long/],
    ['too many arguments', { steps: [{ name: 'debian', args: Array(101).fill('a') }] }, /too many args/],
    ['an own account without a place for the log', { steps: [bash('')], serviceAccount: 'x' }, /service_account/],
    ['a secret that is not available', { steps: [bash('', { secretEnv: ['A'] })] }, /secretEnv "A"/],
    ['a volume of one step', { steps: [bash('', { volumes: [{ name: 'v', path: '/v' }] })] }, /volume "v"/],
    ['no steps', {}, /no build steps/],
    ['a strange tag', { steps: [bash('')], tags: ['a b'] }, /tags/],
  ])('refuses %s', async (_name, build, message) => {
    expect(await refusal(build)).toMatch(message);
  });

  it('hands secrets over in the environment alone', async () => {
    const versionName = 'projects/demo/secrets/key/versions/latest';
    const [build, text] = await run({
      steps: [bash('echo "<$$KEY>"', { secretEnv: ['KEY'] })],
      availableSecrets: { secretManager: [{ versionName, env: 'KEY' }] },
    });
    expect(text).toContain('<the secret>');
    expect(JSON.stringify(build)).not.toContain('the secret');
  });

  it('lets the log object grow with STREAM_ON alone', async () => {
    const steps = [bash('echo early; sleep 600')];
    const [streaming, silent] = [
      await create({ ...LOGS, steps }),
      await create({ steps, logsBucket: 'gs://bucket/logs' }),
    ];
    await until(() => emulator.objects.get('bucket', `logs/log-${streaming}.txt`) !== null);
    while (!(await log(streaming)).includes('early\n')) await new Promise((done) => setTimeout(done, 10));
    const { length } = await log(streaming);
    expect(await log(streaming, `bytes=${length - 6}-`)).toBe('early\n');
    expect(emulator.objects.get('bucket', `logs/log-${silent}.txt`)).toBeNull();
    await api.projects.locations.builds.cancel({ name: `${parent}/builds/${streaming}`, requestBody: {} });
    expect((await get(streaming)).status).toBe('CANCELLED');
    expect(await log(streaming)).toContain('CANCELLED');
  });

  it('keeps builds QUEUED over its concurrency, and lets them expire', async () => {
    const busy = [await create({ steps: [bash('sleep 600')] }), await create({ steps: [bash('sleep 600')] })];
    const late = await create({ steps: [bash('true')], tags: ['late'] });
    const lost = await create({ steps: [bash('true')], queueTtl: '0.2s' });
    expect((await get(late)).status).toBe('QUEUED');
    expect((await end(lost)).status).toBe('EXPIRED');
    await api.projects.locations.builds.cancel({ name: `${parent}/builds/${busy[0]}`, requestBody: {} });
    expect((await end(late)).status).toBe('SUCCESS');
    const { data } = await api.projects.locations.builds.list({ parent, filter: 'tags="late" AND status="SUCCESS"' });
    expect(data.builds?.map((build) => build.id)).toEqual([late]);
  });

  it('accepts a message that is too large, and never starts it', async () => {
    const steps = Array.from({ length: 20 }, () => ({ name: 'debian', args: ['-c', `: ${'x'.repeat(9_000)}`] }));
    const id = await create({ steps, queueTtl: '0.3s' });
    expect((await get(id)).status).toBe('QUEUED');
    expect((await end(id)).status).toBe('EXPIRED');
  });

  it('ends a build at its time limit', async () => {
    const [build] = await run({ steps: [bash('sleep 600')], timeout: '0.3s' });
    expect(build.status).toBe('TIMEOUT');
  });

  it('gives steps a token of the metadata server', async () => {
    const script = `exec 3<>/dev/tcp/$\${GCE_METADATA_HOST/://}
      printf 'GET /computeMetadata/v1/instance/service-accounts/default/token HTTP/1.0\\r\\nMetadata-Flavor: Google\\r\\n\\r\\n' >&3
      cat <&3`;
    expect((await run({ steps: [bash(script)] }))[1]).toContain('access_token');
  });

  it('does what faults want', async () => {
    emulator.faults.add({ on: /POST .*builds/, status: 429, times: 1 });
    expect(await refusal({ steps: [bash('true')] })).toMatch(/^429/);
    emulator.faults.add({ on: /POST .*builds/, loseAnswer: true, times: 1 });
    expect(await refusal({ steps: [bash('true')], tags: ['lost'] })).not.toBe('');
    const { data } = await api.projects.locations.builds.list({ parent, filter: 'tags="lost"' });
    expect(data.builds?.length).toBe(1);
    const id = data.builds?.[0]?.id ?? '';
    await end(id);
    emulator.cloudBuild.vanish(id);
    await expect(get(id)).rejects.toMatchObject({ status: 404 });
  });
});
