/**
 * Two servers over one Firestore and one Cloud Build, behind one address, with faults on, and one of them killed in the
 * middle: every run ends right, no event is lost or doubled, no build is started twice or left running.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithFirestore, emulatorHost, newProjectId } from '../support/firestore/firestore.ts';
import { type Balancer, openBalancer } from '../support/server/balancer.ts';
import { type CloudStage, openCloudStage } from '../support/server/cloud-stage.ts';
import { freePort } from '../support/server/free-port.ts';

const RUNS = 30;
const PROMPTS = ['[[demo:hello]]', '[[demo:write-file]] a line', '[[demo:bash]] sleep 1; echo done'];
const LIVE = ['PENDING', 'QUEUED', 'WORKING'];

describeWithFirestore('two servers and Cloud Build', () => {
  let stage: CloudStage;
  let balancer: Balancer;
  beforeAll(async () => {
    balancer = await openBalancer();
    const [first, second] = [await freePort(), await freePort()];
    balancer.ports.push(first, second);
    stage = await openCloudStage({
      emulator: { concurrency: 3, logFlushMs: 500 },
      env: {
        PORT: String(first),
        SLIPWAY_PUBLIC_URL: balancer.url,
        SLIPWAY_STORE: 'firestore',
        GOOGLE_CLOUD_PROJECT: newProjectId(),
        FIRESTORE_EMULATOR_HOST: await emulatorHost(),
        SLIPWAY_LEASE_SECONDS: '6',
      },
    });
    await stage.second({ PORT: String(second) });
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
    await balancer?.close();
  });

  it(`end ${RUNS} runs right, though one of them is killed and nothing works at the first try`, async () => {
    const { faults, cloudBuild } = stage.emulator;
    faults.add({ on: /POST .*\/builds$/, loseAnswer: true, times: 5 });
    faults.add({ on: /POST .*\/builds$/, status: 429, times: 5 });
    faults.add({ on: /GET .*\/builds\?/, status: 503, times: 10 });
    faults.add({ on: /\/storage\/v1\/b\/bucket/, status: 503, times: 30 });
    faults.add({ on: /\/upload\//, delayMs: 100, times: 30 });
    const ids = await Promise.all(
      Array.from({ length: RUNS }, (_, index) =>
        stage.submit(PROMPTS[index % PROMPTS.length] ?? '', { allowedTools: ['Bash'] }),
      ),
    );
    // In the middle: some are over, some run, some wait.
    while (cloudBuild.builds.filter(({ status }) => status === 'SUCCESS').length < 5) {
      await new Promise((done) => setTimeout(done, 50));
    }
    await stage.server().kill('SIGKILL');
    await stage.restart();
    for (const id of ids) {
      const { run, events } = await stage.finish(id, 600_000);
      expect(run, JSON.stringify(run.error)).toMatchObject({
        status: 'succeeded',
        attempt: 1,
        executor: 'cloud-build',
      });
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      for (const type of ['run.running', 'run.succeeded', 'agent.init']) {
        expect(events.filter((event) => event.type === type).length, type).toBe(1);
      }
    }
    const tags = cloudBuild.builds.flatMap((build) => build.tags.filter((tag) => tag !== 'slipway'));
    expect(new Set(tags).size).toBe(RUNS);
    expect(tags.length).toBe(RUNS);
    while (cloudBuild.builds.some(({ status }) => LIVE.includes(status))) {
      await new Promise((done) => setTimeout(done, 50));
    }
    // A run's end is told before its place is removed: what is being removed is waited for, what is left behind is not.
    const left = (): readonly unknown[] => [...stage.emulator.objects.list('bucket', 'jobs/')];
    for (let tries = 0; left().length > 0 && tries < 200; tries += 1) {
      await new Promise((done) => setTimeout(done, 50));
    }
    expect(left()).toEqual([]);
  }, 660_000);
});
