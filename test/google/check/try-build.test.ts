/** `doctor --google --build`: a build that really executes, in the emulator, and what becomes of one that does not. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/ports/clock.ts';
import { createCall } from '../../../src/system/google-check/call.ts';
import { GOOGLE_ROOTS } from '../../../src/system/google-check/scene.ts';
import { type BuildScene, tryBuild } from '../../../src/system/google-check/try-build.ts';
import { type Emulator, openEmulator } from '../../support/google/emulator.ts';
import { PROJECT, RUNNER, SERVER } from './scripted-google.ts';

/** Its time is its own: looking costs two seconds, and takes twenty milliseconds. */
const openClock = (): Clock => {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
};

describe('a build that tries what runs need', () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await openEmulator({ buckets: ['my-bucket'], logFlushMs: 20 });
  });
  afterEach(() => emulator.close());

  const attempt = (over: Partial<BuildScene> = {}) =>
    tryBuild(
      {
        call: createCall(async () => 'never sent'),
        roots: { ...GOOGLE_ROOTS, cloudBuild: `${emulator.url}/`, storage: `${emulator.url}/` },
        project: PROJECT,
        region: 'us-central1',
        bucket: 'my-bucket',
        database: 'slipway',
        runnerServiceAccount: RUNNER,
        invoker: null,
        workerPool: null,
        modelSecret: null,
        publicUrl: null,
        indexes: null,
        account: SERVER,
        probe: 'probe-1',
        image: 'node:24',
        machineType: 'E2_STANDARD_2',
        ...over,
      },
      openClock(),
    );

  it('says what its account may do too much, and removes what it wrote', async () => {
    const found = await attempt();
    // The emulator lets everybody do everything; Google does not let this account list.
    expect(found).toMatchObject({ part: 'build', status: 'degraded' });
    expect(found.detail).toContain(`${RUNNER} may list the bucket`);
    const written = emulator.requests.filter((line) => line.startsWith('POST /upload/'));
    expect(written).toHaveLength(1);
    expect([...emulator.objects.list('my-bucket', 'jobs/')]).toEqual([]);
    expect(emulator.cloudBuild.builds[0]?.resource.serviceAccount).toContain(RUNNER);
  });

  it('is content when the account may do what it has to, and no more', async () => {
    emulator.faults.add({ on: /^GET \/storage\/v1\/b\/my-bucket\/o$/, status: 403 });
    const found = await attempt();
    expect(found).toMatchObject({ status: 'ok', mend: null });
    expect(found.detail).toContain('wrote and read what is its own, may list nothing');
  });

  it('says that the account cannot write', async () => {
    emulator.faults.add({ on: /^POST \/upload\//, status: 403 });
    const found = await attempt();
    expect(found).toMatchObject({ status: 'missing', mend: 'terraform -chdir=deploy/terraform apply' });
    expect(found.detail).toContain(`${RUNNER} cannot create objects below gs://my-bucket/jobs: 403`);
  });

  it('says that builds do not reach the server', async () => {
    const found = await attempt({ publicUrl: `${emulator.url}/nobody` });
    expect(found.status).toBe('missing');
    expect(found.detail).toContain(`builds cannot reach ${emulator.url}/nobody: 404`);
  });

  it('says that there is no such image', async () => {
    const found = await attempt({ image: 'no-such-image' });
    expect(found.status).toBe('missing');
    expect(found.detail).toMatch(/the build ended with (FAILURE|INTERNAL_ERROR) after \d+ s: .*no-such-image/);
    expect(found.mend).toMatch(/^gcloud builds describe [0-9a-f-]{36} --region=us-central1 /);
  });

  it('waits for a machine for so long, and no longer', async () => {
    emulator.setConcurrency(0);
    const found = await attempt();
    expect(found.status).toBe('missing');
    expect(found.detail).toMatch(/no machine came within 3\d\d s \((QUEUED|PENDING)\)/);
    expect(found.mend).toContain('quotas?service=cloudbuild');
  });

  it('says which role is missing when it may not be started', async () => {
    emulator.faults.add({ on: /^POST .*\/builds$/, status: 403 });
    const found = await attempt();
    expect(found.detail).toContain('could not start a build');
    expect(found.mend).toContain(`--member=serviceAccount:${SERVER} --role=roles/cloudbuild.builds.editor`);
  });
});
