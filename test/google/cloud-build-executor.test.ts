/** The Cloud Build executor when Cloud Build, Cloud Storage or an agent does not do what one would like. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventDraft } from '../../src/core/events.ts';
import { placeOf } from '../../src/executors/cloud-build/names.ts';
import { until } from '../contracts/executor/host-traces.ts';
import { endedWell, printed, run, saidBy, shell } from '../contracts/executor/jobs.ts';
import { type OpenCloudBuild, openCloudBuild } from '../contracts/executor/open-cloud-build.ts';

let opened: OpenCloudBuild;
const open = async (options: Parameters<typeof openCloudBuild>[0] = {}): Promise<OpenCloudBuild> => {
  opened = await openCloudBuild(options);
  return opened;
};
afterEach(() => opened.close());

const CREATE = /POST \/v1\/projects\/demo\/locations\/us-central1\/builds$/;
const statuses = (): string[] => opened.emulator.cloudBuild.builds.map((build) => build.status);

describe('a start', () => {
  it('whose answer was lost is found again by its tag, and nothing is started twice', async () => {
    const { executor, emulator } = await open();
    emulator.faults.add({ on: CREATE, loseAnswer: true, times: 1 });
    expect(await run(executor, shell('echo once'))).toEqual({ exit: endedWell, stdout: 'once\n', stderr: '' });
    expect(emulator.cloudBuild.builds.length).toBe(1);
  });

  it('whose answer was lost is found again, too, when the build is over by then', async () => {
    const { executor, emulator } = await open();
    emulator.faults.add({ on: CREATE, loseAnswer: true, times: 1 });
    // Every look for builds is late.
    emulator.faults.add({ on: /GET \/v1\/projects\/demo\/locations\/us-central1\/builds\?/, delayMs: 2_000 });
    expect(await run(executor, shell('echo quick'))).toEqual({ exit: endedWell, stdout: 'quick\n', stderr: '' });
    expect(emulator.cloudBuild.builds.length).toBe(1);
  });

  it('that came to two builds executes once', async () => {
    const { executor, emulator } = await open();
    emulator.faults.add({ on: CREATE, delayMs: 200 });
    const job = shell('echo x >> /workspace/count; cat /workspace/count');
    const [first, second] = await Promise.all([executor.start(job), opened.with({}).start(job)]);
    expect(emulator.cloudBuild.builds.length).toBe(2);
    expect((await printed(first)).stdout.toString()).toBe('x\n');
    expect((await printed(second)).stdout.toString()).toBe('x\n');
    await until(() => statuses().every((status) => status === 'SUCCESS'));
    const logs = emulator.objects.list('bucket', 'logs/').map(({ file }) => readFileSync(file, 'utf8'));
    expect(logs.map((log) => log.includes('slipway1 o 0 ')).toSorted()).toEqual([false, true]);
    expect(logs.filter((log) => log.includes('Another build executes this job')).length).toBe(1);
    await first.release();
  });

  it.each([429, 500, 503])('goes on after answers of %i', async (status) => {
    const { executor, emulator } = await open();
    emulator.faults.add({ on: CREATE, status, times: 2 });
    emulator.faults.add({ on: /\/o\//, status, times: 2 });
    expect((await run(executor, shell('echo up'))).stdout).toBe('up\n');
  });

  it('that is not allowed says which role is missing, on what, for which account', async () => {
    const { executor, emulator } = await open();
    emulator.faults.add({ on: CREATE, status: 403 });
    await expect(executor.start(shell('true'))).rejects.toMatchObject({
      code: 'place_failed',
      hint: expect.stringMatching(/roles\/cloudbuild\.builds\.editor.*project demo to server@demo\.example/),
    });
    expect([...emulator.objects.list('bucket', 'jobs/')]).toEqual([]);
  });

  it('whose image is not there says where to look, and leaves nothing', async () => {
    const { emulator } = await open();
    const start = opened.with({ image: 'no-such-image' }).start(shell('true'));
    await expect(start).rejects.toMatchObject({ code: 'place_failed', hint: expect.stringContaining('builds log') });
    expect([...emulator.objects.list('bucket', 'jobs/')]).toEqual([]);
  });

  it('that waits for a machine is told, and can be broken off', async () => {
    const { executor, emulator } = await open({ concurrency: 0 });
    const events: EventDraft[] = [];
    const stop = new AbortController();
    const note = async (event: EventDraft): Promise<void> => {
      events.push(event);
    };
    const job = shell('echo late');
    const start = executor.start(job, { signal: stop.signal, note, confirm: async () => undefined });
    await Promise.all([
      until(() => events.length > 0).then(() => stop.abort()),
      expect(start).rejects.toMatchObject({ code: 'start_aborted' }),
    ]);
    expect(events).toMatchObject([
      {
        type: 'run.preparing',
        data: { step: 'machine', status: 'started', detail: expect.stringContaining('QUEUED') },
      },
    ]);
    expect(statuses()).toEqual(['CANCELLED']);
    // The same attempt can be started again, by whoever goes on with the run.
    emulator.setConcurrency(4);
    expect((await run(executor, job)).stdout).toBe('late\n');
  });

  it('that nobody gives a machine in time may be tried again', async () => {
    const { executor, emulator } = await open({ concurrency: 0 });
    const start = executor.start(shell('true'));
    await until(() => emulator.cloudBuild.builds.length > 0);
    const [build] = emulator.cloudBuild.builds;
    if (build !== undefined) build.status = 'EXPIRED';
    await expect(start).rejects.toMatchObject({ code: 'place_unavailable' });
  });
});

describe('an execution', () => {
  it('whose build is gone is lost, and says nothing that is not known', async () => {
    const { executor, emulator } = await open();
    const execution = await executor.start(shell('echo up; sleep 600'));
    await saidBy(execution, 'up');
    emulator.cloudBuild.vanish(emulator.cloudBuild.builds[0]?.id ?? '');
    expect(await execution.exit).toMatchObject({ lost: true });
  });

  it('is lost when Cloud Build failed, with what it had printed', async () => {
    const { executor, emulator } = await open();
    const execution = await executor.start(shell('echo up; sleep 600'));
    await saidBy(execution, 'up');
    emulator.cloudBuild.fail(emulator.cloudBuild.builds[0]?.id ?? '');
    expect(await execution.exit).toMatchObject({ lost: true });
    expect((await printed(execution)).stdout.toString()).toBe('up\n');
  });

  it('that does not hear of its end is cancelled, and keeps the reason', async () => {
    const { emulator } = await open();
    const executor = opened.with({
      pace: { tickMs: 50, startMs: 50, logMs: 50, graceMs: 300, callsPerMinute: 100_000 },
    });
    const execution = await executor.start(shell('echo up; sleep 600'));
    await saidBy(execution, 'up');
    emulator.faults.add({ on: /POST .*%2Fend$/, status: 503 });
    await execution.kill('deadline');
    expect(await execution.exit).toMatchObject({ endedBy: 'deadline', lost: false });
    expect(statuses()).toEqual(['CANCELLED']);
  });

  it('that ended by itself is still alive while its results are brought out: whoever asks for its end then is told so', async () => {
    const { executor, emulator } = await open();
    emulator.faults.add({ on: /POST \/upload\/.*%2Fstdout$/, delayMs: 1_500 });
    const execution = await executor.start(shell('echo up'));
    await until(() => emulator.requests.some((request) => /^POST \/upload\/.*%2Fstdout$/.test(request)));
    await execution.kill('cancelled');
    expect(await execution.exit).toMatchObject({ code: 0, endedBy: 'cancelled', lost: false });
  });

  it('is read from posted batches, without a look at the log', async () => {
    const { emulator } = await open({ logLateMs: 60_000 });
    const { createServer } = await import('node:http');
    const posts: string[] = [];
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const [, , , runId = '', attempt = ''] = request.url?.split('/') ?? [];
      const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
      posts.push(executor.accept(`${runId}/${attempt}`, token, Buffer.concat(parts).toString()));
      response.end('{}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const executor = opened.with({ publicUrl: `http://127.0.0.1:${port}` });
    const execution = await executor.start(shell('echo live; sleep 600'));
    await saidBy(execution, 'live');
    expect(posts).toContain('taken');
    expect(executor.accept(execution.ref, 'slwplace_wrong', '')).toBe('refused');
    expect(executor.accept('x', 'slwplace_wrong', '')).toBe('refused');
    expect(emulator.objects.get('bucket', `logs/log-${emulator.cloudBuild.builds[0]?.id}.txt`)).toBeNull();
    await execution.release();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  it('fills gaps of posted batches from the log, and believes no frame that the runner did not sign', async () => {
    await open();
    const { createHub } = await import('../../src/executors/cloud-build/hub.ts');
    const { readOutput } = await import('../../src/executors/cloud-build/output.ts');
    const { encodeFrame } = await import('../../src/executors/cloud-build/runner/frame.ts');
    const { createSystemClock } = await import('../../src/system/clock.ts');
    const clock = createSystemClock();
    const secret = new Uint8Array(32);
    const place = placeOf(secret, `${shell('').runId}/1`);
    if (place === null) throw new Error('No place.');
    const frame = (offset: number, text: string): string =>
      `Step #1 - "run": ${encodeFrame(place.key, { stream: 'stdout', offset, bytes: Buffer.from(text) })}\n`;
    const bytes = Buffer.from('forged');
    const forged = `${encodeFrame(new Uint8Array(32).fill(1), { stream: 'stdout', offset: 0, bytes })}\n`;
    const hub = createHub(secret, clock);
    const log = Buffer.from(forged + frame(0, 'one ') + frame(4, 'two ') + frame(8, 'three '));
    let looks = 0;
    const source = {
      google: {
        stream: async () => null,
        read: async (_name: string, start = 0) => {
          looks += 1;
          // Late, as logs are.
          return looks > 1 && start < log.length ? log.subarray(start) : null;
        },
      },
      hub,
      clock,
      place,
      buildId: 'b',
      exit: () => new Promise<never>(() => undefined),
      onEnd: () => undefined,
      logMs: 10,
    };
    const output = readOutput(source, { stdout: 0, stderr: 0 })[Symbol.asyncIterator]();
    hub.accept(place.ref, place.token, forged + frame(8, 'three ') + frame(4, 'two '));
    let text = '';
    while (!text.includes('three')) text += Buffer.from((await output.next()).value?.bytes ?? []).toString();
    expect(text).toBe('one two three ');
    await output.return?.();
  });
});

describe('the secret of a place without gateway', () => {
  it('is in the environment of the program, and in no message', async () => {
    const { emulator } = await open({ secrets: { model: 'the-model-key' } });
    const executor = opened.with({
      modelSecret: { env: 'ANTHROPIC_API_KEY', versionName: 'projects/demo/secrets/model/versions/latest' },
    });
    expect((await run(executor, shell('echo "<$ANTHROPIC_API_KEY>"'))).stdout).toBe('<the-model-key>\n');
    expect(JSON.stringify(emulator.cloudBuild.builds.map(({ resource }) => resource))).not.toContain('the-model-key');
    const budget = executor.start(shell('true', { limits: { maxBudgetUsd: 1 } }));
    await expect(budget).rejects.toMatchObject({ code: 'place_failed', hint: expect.stringContaining('PUBLIC_URL') });
  });
});

describe('the check', () => {
  it('tries the bucket and the builds', async () => {
    const { executor, emulator } = await open();
    expect((await executor.check()).ready).toBe(true);
    emulator.faults.add({ on: /probes/, status: 403 });
    const { ready, findings } = await opened.with({}).check();
    expect(ready).toBe(false);
    expect(findings[0]).toMatchObject({
      part: 'cloud storage',
      mend: expect.stringContaining('roles/storage.objectUser'),
    });
  });
});
