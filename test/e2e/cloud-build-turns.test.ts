/** Turns of a conversation where there is no sandbox beside the server: they execute in builds, and it is said. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where.ts';
import { type CloudStage, openCloudStage } from '../support/server/cloud-stage.ts';

const missing = process.getuid?.() === 0 ? null : 'only root can break the machine for one process';

describeWhere('turns without a sandbox beside the server', missing, 'Run the tests as root.', () => {
  let stage: CloudStage;
  beforeAll(async () => {
    stage = await openCloudStage({ breaking: 'mount --bind /dev/null /usr/bin/bwrap' });
  });
  afterAll(() => stage?.close());

  it('execute in builds one after another, and lead to the same agent', async () => {
    const turns = [];
    for (const message of ['Summarise notes.md for me every Monday at 9', 'Yes']) {
      const conversationId: string | undefined = turns[0]?.conversationId;
      const { status, body } = await stage.request('POST', '/api/conversation', { message, conversationId });
      expect(status, JSON.stringify(body)).toBe(200);
      turns.push(body);
    }
    expect(turns[0].proposal.agent.schedule).toMatchObject({ cron: '0 9 * * 1' });
    expect(turns[1]).toMatchObject({ agentCreated: true });
    for (const { runId } of turns) {
      const { body } = await stage.request('GET', `/runs/${runId}`);
      expect(body, JSON.stringify(body.error)).toMatchObject({ status: 'succeeded', executor: 'cloud-build' });
    }
    expect(stage.emulator.cloudBuild.builds.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(stage.server().printed()).toContain('there is no sandbox beside the server');
  }, 240_000);

  it('make no server unready', async () => {
    const { status, body } = await stage.request('GET', '/readyz');
    expect([status, body.ready], JSON.stringify(body)).toEqual([200, true]);
  });
});
