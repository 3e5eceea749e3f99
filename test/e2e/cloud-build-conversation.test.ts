/** Where runs execute in builds, a turn of a conversation executes beside the server, whatever the records are kept in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithFirestore, emulatorHost, newProjectId } from '../support/firestore/firestore.ts';
import { type CloudStage, openCloudStage } from '../support/server/cloud-stage.ts';

const describeTalk = (settings: () => Promise<Record<string, string>>): void => {
  let stage: CloudStage;
  let given: Record<string, string>;
  beforeAll(async () => {
    given = await settings();
    stage = await openCloudStage({ env: given });
  });
  afterAll(() => stage?.close());

  const say = async (message: string, conversationId?: string) => {
    const answer = await stage.request('POST', '/api/conversation', { message, conversationId });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body;
  };
  const runOf = async (id: string) => (await stage.request('GET', `/runs/${id}`)).body;

  it('talks beside the server, turn after turn, and executes the agent that comes of it in a build', async () => {
    const first = await say('Summarise notes.md for me every Monday at 9');
    expect(first.proposal.agent.schedule).toMatchObject({ cron: '0 9 * * 1' });
    const agreed = await say('Yes', first.conversationId);
    expect(agreed).toMatchObject({ agentCreated: true });
    for (const { runId } of [first, agreed]) {
      expect(await runOf(runId)).toMatchObject({ status: 'succeeded', executor: 'local', model: 'demo' });
    }
    // Metered as any run is, and nothing of it went to Google.
    expect((await runOf(first.runId)).tokenUsage.outputTokens).toBeGreaterThan(0);
    expect(stage.emulator.cloudBuild.builds).toEqual([]);
    expect([...stage.emulator.objects.list('bucket', 'jobs/')]).toEqual([]);

    const accepted = await stage.request('POST', `/agents/${agreed.agent.id}/run`, {});
    const { run } = await stage.finish(accepted.body.executionId);
    expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'succeeded', executor: 'cloud-build' });
    expect(stage.emulator.cloudBuild.builds).toHaveLength(1);
  }, 120_000);

  it('is ready, and names its records by where they are', async () => {
    const { status, body } = await stage.request('GET', '/readyz');
    expect([status, body.ready], JSON.stringify(body)).toEqual([200, true]);
    const { SLIPWAY_STORE: store, GOOGLE_CLOUD_PROJECT: project } = given;
    const details = body.findings.map(({ part, detail }: Record<'part' | 'detail', string>) => `${part}: ${detail}`);
    if (store === 'firestore') expect(details).toContain(`store: firestore in ${project}/(default)`);
    else expect(details.join('\n')).toMatch(/^store: sqlite in \//m);
  });
};

describe('a server whose runs execute in builds', () => describeTalk(async () => ({})));

describeWithFirestore('a server whose runs execute in builds, with its records in Firestore', () =>
  describeTalk(async () => ({
    SLIPWAY_STORE: 'firestore',
    GOOGLE_CLOUD_PROJECT: newProjectId(),
    FIRESTORE_EMULATOR_HOST: await emulatorHost(),
  })),
);
