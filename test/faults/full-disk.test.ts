/** A full disk under the database, and under a run: nothing that was accepted is lost, and the server goes on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSmallDisk, type SmallDisk } from '../support/server/small-disk.ts';
import { openStage, type Stage } from '../support/server/stage.ts';

/** Room for the copy of the CLI (250 MB) and some work; less than it and the reserve of a large disk (512 MiB). */
const DISK_MB = 640;
const MANY = 400;
/** Each fills several pages of the database, so that it has to grow. */
const LONG = 'x'.repeat(20_000);
const mayMount = process.getuid?.() === 0;
// Whoever is not root cannot mount the small disk; in continuous integration that is a failure, not a choice.
const isLeftOut = !mayMount && process.env.CI === undefined;
if (isLeftOut) process.stderr.write('\nNOT TESTED: a full disk. Only root can mount a small one: sudo npm test.\n\n');

let disk: SmallDisk;
let stage: Stage;

describe.skipIf(isLeftOut)('a full disk', () => {
  beforeEach(async () => {
    disk = await openSmallDisk(DISK_MB);
    stage = await openStage({ data: disk, env: { SLIPWAY_CONCURRENCY: '4' } });
  });
  afterEach(() => stage.close());

  const post = (n: number) => stage.request('POST', '/runs', { prompt: `[[demo:echo]] run ${n} ${LONG}` });

  it('under the database: POST answers 503, nothing accepted is lost, and it goes on when there is space', async () => {
    const before = await stage.run('[[demo:hello]]');
    expect(before.run.status).toBe('succeeded');
    await disk.fill();
    const accepted: string[] = [];
    let refused = await post(0);
    for (let n = 1; n < MANY && refused.status === 202; n += 1) {
      accepted.push(refused.body.id);
      refused = await post(n);
    }
    expect(refused.status).toBe(503);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body).toMatchObject({ status: 503, code: 'store_unavailable', hint: expect.any(String) });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // What can be read is still read.
    expect((await stage.request('GET', `/runs/${before.run.id}`)).body.status).toBe('succeeded');

    await disk.free();
    for (const id of accepted) {
      const { run, events } = await stage.finish(id);
      expect(run.status, JSON.stringify(run.error)).toBe('succeeded');
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    }
    const listed = await stage.request('GET', '/runs?limit=100');
    expect(listed.body.data.length).toBe(accepted.length + 1);
    expect((await stage.run('[[demo:hello]]')).run.status).toBe('succeeded');
  }, 150_000);

  it('in mid-run: the run ends honestly once there is space, and so does the next one', async () => {
    const id = await stage.submit('[[demo:bash]] sleep 3; echo survived', { allowedTools: ['Bash'] });
    const events = async (): Promise<string> =>
      JSON.stringify((await stage.request('GET', `/runs/${id}/events?limit=200`)).body.data);
    await expect.poll(events, { timeout: 60_000 }).toContain('agent.tool_use');
    await disk.fill();
    let refused = await post(0);
    for (let n = 1; n < MANY && refused.status === 202; n += 1) refused = await post(n);
    expect(refused.status).toBe(503);
    // Longer than a lease: it runs out, and nobody can take it.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    await disk.free();
    const { run, events: told } = await stage.finish(id);
    expect(run.attempt).toBe(1);
    expect(told.map((event) => event.seq)).toEqual(told.map((_, index) => index + 1));
    // The supervisor ends every job when the disk is as full as this, unless the CLI could not go on before that.
    expect(run.status, JSON.stringify(run)).toBe('failed');
    expect(run.error.code, JSON.stringify(run)).toBe('disk');
    expect(run.error.hint.length).toBeGreaterThan(20);
    expect((await stage.run('[[demo:hello]]')).run.status).toBe('succeeded');
  }, 150_000);

  it('that a run filled itself: it reads so, its end is told, its space is given back', async () => {
    const { run } = await stage.run('[[demo:bash]] head -c 2G /dev/zero > big; echo ended with $?', {
      allowedTools: ['Bash'],
    });
    expect(['succeeded', 'failed']).toContain(run.status);
    if (run.status === 'succeeded') expect(run.result.text).toContain('No space left on device');
    else expect(run.error.hint.length).toBeGreaterThan(20);
    await expect.poll(() => disk.freeBytes(), { timeout: 10_000 }).toBeGreaterThan((DISK_MB * 1_048_576) / 4);
    expect((await stage.run('[[demo:hello]]')).run.status).toBe('succeeded');
  }, 150_000);
});
