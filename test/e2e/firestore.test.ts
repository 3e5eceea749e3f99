/** The main job with its records in Firestore: everything real but the model's words and the emulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followEvents, type WireEvent } from '../../src/client/follow.ts';
import { describeWithFirestore, emulatorHost, newProjectId } from '../support/firestore/firestore.ts';
import { openStage, type Stage } from '../support/server/stage.ts';

const follow = async (url: string, id: string): Promise<WireEvent[]> => {
  const events: WireEvent[] = [];
  for await (const heard of followEvents({ url, key: null }, id, { after: 0 })) {
    if (heard.kind === 'event') events.push(heard.event);
  }
  return events;
};

const seqs = (events: readonly WireEvent[]) =>
  events.filter((event) => event.type !== 'delta').map((event) => event.seq);

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
const counted = (length: number) => Array.from({ length }, (_, index) => index + 1);

describeWithFirestore('a server with its records in Firestore', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      env: {
        SLIPWAY_STORE: 'firestore',
        GOOGLE_CLOUD_PROJECT: newProjectId(),
        FIRESTORE_EMULATOR_HOST: await emulatorHost(),
        SLIPWAY_LEASE_SECONDS: '4',
      },
    });
  });
  afterAll(() => stage?.close());

  it('does the main job, once however often it is asked with one key', async () => {
    const { body: agent } = await stage.request('POST', '/agents', {
      name: 'Writer',
      prompt: '[[demo:write-file]] a line by the agent',
    });
    const ask = () => stage.request('POST', `/agents/${agent.id}/run`, {}, { 'idempotency-key': 'once' });
    const [accepted, again] = [await ask(), await ask()];
    expect([accepted.status, again.status]).toEqual([202, 202]);
    expect(again.body).toEqual(accepted.body);
    const id = accepted.body.executionId;
    const live = await follow(stage.server().url, id);
    const { run, events } = await stage.finish(id);
    expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'succeeded', attempt: 1, model: 'demo' });
    expect(run.tokenUsage.outputTokens).toBeGreaterThan(0);
    expect(seqs(live)).toEqual(counted(events.length));
    expect(events.some((event) => event.type === 'usage')).toBe(true);
    const artifacts = await stage.request('GET', `/runs/${id}/artifacts`);
    expect(artifacts.body.data).toMatchObject([{ path: 'hello.txt', status: 'added', size: 20 }]);
    const { body } = await stage.request('GET', `/agents/${agent.id}`);
    expect(body).toMatchObject({ lastRun: { id, status: 'succeeded' }, totalTokenUsage: run.tokenUsage });
    expect((await stage.request('GET', `/runs?agentId=${agent.id}`)).body.data).toHaveLength(1);
  }, 60_000);

  it('goes on with a run whose server was killed, and tells its reader on another server every event once', async () => {
    const id = await stage.submit('[[demo:bash]] sleep 6; echo the end', { allowedTools: ['Bash'] });
    while ((await stage.request('GET', `/runs/${id}`)).body.status !== 'running') await pause();
    const other = await stage.second();
    const reading = follow(other.url, id);
    await stage.server().kill('SIGKILL');
    const events = await reading;
    const { body: run } = await other.request('GET', `/runs/${id}`);
    expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(seqs(events)).toEqual(counted(events.at(-1)?.seq ?? 0));
    expect(JSON.stringify(events)).toContain('the end');
  }, 90_000);
});
