/** What docs/DEPLOY.md leads to: a server on the very settings that terraform gives it, from its first key to its first run. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { start } from '../cli/slipway.ts';
import { describeWithFirestore, emulatorHost, newProjectId } from '../support/firestore/firestore.ts';
import { type CloudStage, openCloudStage } from '../support/server/cloud-stage.ts';
import { describeWithTerraform, openEvaluator } from '../support/terraform/terraform.ts';

/** What is different on this machine: its address, its disk, the name of the image in the emulator. */
const OF_THE_PLACE = ['SLIPWAY_PUBLIC_URL', 'SLIPWAY_DATA_DIR', 'SLIPWAY_RUNNER_IMAGE'];

const deployed = (project: string): Record<string, string> => {
  const evaluator = openEvaluator();
  try {
    const { environment } = evaluator.evaluate({ project });
    return Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_THE_PLACE.includes(name)));
  } finally {
    evaluator.close();
  }
};

describeWithTerraform('a server with the settings of deploy/terraform', () =>
  describeWithFirestore('over the emulators', () => {
    let stage: CloudStage;
    let env: Record<string, string>;
    beforeAll(async () => {
      const project = newProjectId();
      env = { ...deployed(project), FIRESTORE_EMULATOR_HOST: await emulatorHost() };
      stage = await openCloudStage({ env, emulator: { buckets: [`${project}-slipway`] } });
    });
    afterAll(() => stage?.close());

    it('lets nobody in without a key, and executes the first run in a build', { timeout: 120_000 }, async () => {
      expect((await stage.request('GET', '/runs')).status).toBe(401);
      expect((await stage.request('POST', '/internal/reconcile', {})).status).toBe(401);
      const made = await start(['keys', 'create', '--user', 'ann'], {
        env: { ...env, SLIPWAY_DATA_DIR: stage.server().dataDir, SLIPWAY_PUBLIC_URL: stage.server().url },
      }).ended;
      const authorization = `Bearer ${/slw_\S+/.exec(made.out)?.[0] ?? made.err}`;
      const body = { prompt: 'Say hello' };
      const accepted = await stage.request('POST', '/runs', body, { authorization });
      expect(accepted.status, JSON.stringify(accepted.body)).toBe(202);
      const look = () => stage.request('GET', `/runs/${accepted.body.id}`, undefined, { authorization });
      let run = (await look()).body;
      while (run.endedAt === null || run.endedAt === undefined) run = (await look()).body;
      expect(run, JSON.stringify(run.error)).toMatchObject({
        status: 'succeeded',
        executor: 'cloud-build',
        userId: 'ann',
      });
      expect(run.tokenUsage.outputTokens).toBeGreaterThan(0);
      const [build] = stage.emulator.cloudBuild.builds;
      expect(build?.resource.serviceAccount).toBe(
        `projects/${env.GOOGLE_CLOUD_PROJECT}/serviceAccounts/${env.SLIPWAY_RUNNER_SERVICE_ACCOUNT}`,
      );
      // With a public address no build is given the key's secret, though the server knows its name.
      expect(JSON.stringify(build?.resource)).not.toContain('secret');
    });
  }),
);
