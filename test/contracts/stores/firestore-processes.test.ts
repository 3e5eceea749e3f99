/** What several processes do to one Firestore database, and what is left when one of them is killed. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Stores } from '../../../src/ports/stores.ts';
import { openFirestoreStores } from '../../../src/stores/firestore/open.ts';
import { EFFECTS } from '../../support/firestore/effects.ts';
import { describeWithFirestore, emulatorHost, newProjectId } from '../../support/firestore/firestore.ts';
import type { Work } from '../../support/stores/process-work.ts';
import { type StoreProcess, startFirestoreProcess } from '../../support/stores/start-process.ts';
import { ALICE, NOW } from './fixtures.ts';
import { insertRun, runningRun } from './run-lives.ts';

describeWithFirestore('one Firestore database, several processes', () => {
  let database = { projectId: '', emulatorHost: '' };
  let stores: Stores;
  beforeEach(async () => {
    database = { projectId: newProjectId(), emulatorHost: await emulatorHost() };
    stores = await openFirestoreStores({ ...database, databaseId: '(default)', ...EFFECTS });
  });
  afterEach(() => stores.close());

  const startAll = (count: number, work: Work): Promise<StoreProcess[]> =>
    Promise.all(Array.from({ length: count }, () => startFirestoreProcess({ ...database, ...work })));
  const runAll = async (count: number, work: Work): Promise<string[][]> =>
    Promise.all((await startAll(count, work)).map(async (process) => [...(await process.run())]));
  const usage = () => stores.runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'model' });
  const numbered = (length: number) => Array.from({ length }, (_, index) => index + 1);

  it('claim each run once', { timeout: 90_000 }, async () => {
    const inserted = await Promise.all(Array.from({ length: 24 }, () => insertRun(stores.runs)));
    const claimed = (await runAll(4, { kind: 'claim' })).flat();
    expect(claimed).toHaveLength(24);
    expect(new Set(claimed)).toEqual(new Set(inserted.map((run) => run.id)));
    for (const { id } of inserted) expect(await stores.runs.get(id)).toMatchObject({ leaseToken: 1, attempt: 1 });
  });

  it('lose and double no update, and agree on a key and on secrets', { timeout: 90_000 }, async () => {
    const run = await runningRun(stores.runs);
    const [, outcomes, secrets] = await Promise.all([
      runAll(2, { kind: 'meter', run: run.id, times: 10 }),
      runAll(2, { kind: 'insert', key: 'same', times: 3 }),
      runAll(2, { kind: 'secret', times: 5 }),
    ]);
    const after = await stores.runs.get(run.id);
    expect(after?.tokenUsage.inputTokens).toBe(20);
    const events = await stores.runs.events(run.id, 0, 1_000);
    expect(events.map((event) => event.seq)).toEqual(numbered(23));
    expect((await usage()).reduce((sum, { tokenUsage }) => sum + tokenUsage.inputTokens, 0)).toBe(20);
    expect(outcomes.flat().filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(new Set(secrets.map((made) => made.join())).size).toBe(1);
  });

  it('keep all that was committed when one is killed in the middle', { timeout: 90_000 }, async () => {
    const run = await runningRun(stores.runs);
    const [process] = await startAll(1, { kind: 'meter', run: run.id, times: 1_000_000 });
    if (process === undefined) throw new Error('no process');
    await process.reached(10);
    await process.kill();
    const tokens = (await stores.runs.get(run.id))?.tokenUsage.inputTokens ?? 0;
    expect(tokens).toBeGreaterThanOrEqual(process.count);
    const events = await stores.runs.events(run.id, 0, 2_000_000);
    expect(events.map((event) => event.seq)).toEqual(numbered(tokens + 3));
    expect(await usage()).toMatchObject([{ tokenUsage: { inputTokens: tokens } }]);
  });
});
