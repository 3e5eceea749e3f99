/** Word between processes by way of Firestore: two openings of one database, each with word of its own within it. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { requestStop } from '../../../src/core/transitions.ts';
import { createLocalNotifier } from '../../../src/engine/local-notifier.ts';
import type { Notifier } from '../../../src/ports/notifier.ts';
import type { Stores } from '../../../src/ports/stores.ts';
import type { Operation } from '../../../src/stores/firestore/connection.ts';
import { openFirestoreStores } from '../../../src/stores/firestore/open.ts';
import { createSystemClock } from '../../../src/system/clock.ts';
import { createLogger } from '../../../src/system/logger.ts';
import { EFFECTS } from '../../support/firestore/effects.ts';
import { describeWithFirestore, emulatorHost, newProjectId } from '../../support/firestore/firestore.ts';
import { neededIndex } from '../../support/firestore/indexes.ts';
import { NOW, newRunId } from './fixtures.ts';
import { insertRun, recordRun, runningRun } from './run-lives.ts';

interface Server {
  readonly stores: Stores;
  readonly word: Notifier;
  readonly asked: Operation[];
}

const logger = createLogger('silent', () => undefined);

describeWithFirestore('word by way of Firestore', () => {
  let projectId = '';
  const opened: Stores[] = [];
  beforeEach(() => {
    projectId = newProjectId();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((stores) => stores.close()));
  });

  const open = async (streams: boolean): Promise<Server> => {
    const asked: Operation[] = [];
    const options = { projectId, databaseId: '(default)', ...EFFECTS, emulatorHost: await emulatorHost() };
    const stores = await openFirestoreStores({ ...options, observe: (operation) => asked.push(operation) });
    opened.push(stores);
    const local = createLocalNotifier();
    return { stores, asked, word: stores.openNotifier({ local, clock: createSystemClock(), logger, streams }) };
  };
  /** Calls of a listener, one to be awaited after another. */
  const calls = () => {
    let [made, taken] = [0, 0];
    let wake = (): void => undefined;
    const next = async (): Promise<void> => {
      while (taken === made) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      taken = made;
    };
    const heard = (): void => {
      made += 1;
      wake();
    };
    return { heard, next };
  };

  it('tells that a run was queued, by a query that has its index', async () => {
    const [one, other] = [await open(true), await open(true)];
    await insertRun(one.stores.runs, {}, NOW);
    const queued = calls();
    const stop = other.word.onQueued(queued.heard);
    await queued.next();
    await insertRun(one.stores.runs, {}, NOW + 1);
    await queued.next();
    stop();
    const listened = other.asked.flatMap((operation) => (operation.kind === 'listen' ? [operation.select] : []));
    expect(listened.map((select) => select && neededIndex(select))).toContain('runs: status asc, createdAt desc');
  });

  it('tells a reader of events that another process has committed', async () => {
    const [driver, reader] = [await open(true), await open(true)];
    const run = await runningRun(driver.stores.runs);
    const changed = calls();
    const stop = reader.word.onChanged(run.id, changed.heard);
    await changed.next();
    await recordRun(driver.stores.runs, run, ['more']);
    await changed.next();
    expect((await reader.stores.runs.events(run.id, 3, 9)).map((event) => event.seq)).toEqual([4]);
    stop();
  });

  it('tells who drives a run that it is to stop', async () => {
    const [driver, other] = [await open(true), await open(true)];
    const run = await runningRun(driver.stores.runs);
    const stopping = calls();
    driver.word.onStopping(run.id, stopping.heard);
    await other.stores.runs.update(run.id, (present) => requestStop(present, 'cancelled', null, NOW));
    await stopping.next();
  });

  it.each([true, false])('tells who drives a run that somebody elsewhere follows it (streams: %s)', async (streams) => {
    const [driver, reader] = [await open(streams), await open(streams)];
    const id = newRunId();
    const watched = calls();
    driver.word.onWatched(id, watched.heard);
    expect(driver.word.watched(id)).toBe(false);
    const stop = reader.word.onChanged(id, () => undefined);
    await watched.next();
    expect(driver.word.watched(id)).toBe(true);
    stop();
  });

  it('writes nothing where the reader follows in the process that drives', async () => {
    const { word, asked } = await open(true);
    const id = newRunId();
    const watched = calls();
    word.onWatched(id, watched.heard);
    word.onChanged(id, () => undefined);
    await watched.next();
    expect(word.watched(id)).toBe(true);
    const written = asked.flatMap((operation) => (operation.kind === 'commit' ? operation.changes : []));
    expect(written.filter(({ path }) => path.startsWith('watches/'))).toEqual([]);
  });
});
