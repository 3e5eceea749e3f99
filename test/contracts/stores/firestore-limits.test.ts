/** What Firestore's limits must not do to a run: answers that are lost, and texts that are longer than a document. */

import { expect, it } from 'vitest';
import { queue, recordUsage, settle } from '../../../src/core/transitions.ts';
import { type Connection, openConnection } from '../../../src/stores/firestore/connection.ts';
import { ConflictError } from '../../../src/stores/firestore/failures.ts';
import { createRunStore } from '../../../src/stores/firestore/runs.ts';
import { EFFECTS } from '../../support/firestore/effects.ts';
import { describeWithFirestore, emulatorHost, newProjectId } from '../../support/firestore/firestore.ts';
import { ALICE, NOW, newRun, task } from './fixtures.ts';
import { insertRun, reading, recordRun, runningRun } from './run-lives.ts';

/** A connection that loses the answers to some commits: the client's own second try then meets what the first has written. */
const withConnection = async (work: (connection: Connection, loseNext: () => void) => Promise<void>): Promise<void> => {
  const options = {
    projectId: newProjectId(),
    databaseId: '(default)',
    ...EFFECTS,
    emulatorHost: await emulatorHost(),
  };
  const connection = await openConnection(options);
  let lose = false;
  const losing: Connection = {
    ...connection,
    commit: async (changes) => {
      await connection.commit(changes);
      if (!lose) return;
      lose = false;
      throw new ConflictError(new Error('written by the try before'));
    },
  };
  const loseNext = (): void => {
    lose = true;
  };
  try {
    await work(losing, loseNext);
  } finally {
    await connection.close();
  }
};

describeWithFirestore('a commit whose answer is lost', () => {
  it('is made once', async () => {
    await withConnection(async (connection, loseNext) => {
      const runs = createRunStore(connection);
      loseNext();
      const first = queue(newRun(), NOW);
      expect(await runs.insert(first, null)).toEqual(first.run);
      const run = await runningRun(runs);
      loseNext();
      const metered = await runs.update(run.id, (present) => recordUsage(present, reading({ inputTokens: 7 }), NOW));
      expect(metered.tokenUsage.inputTokens).toBe(7);
      expect(await runs.get(run.id)).toEqual(metered);
      expect(await runs.events(run.id, 3, 9)).toHaveLength(1);
    });
  });
});

describeWithFirestore('texts that are longer than a document', () => {
  // Each of these characters takes six in JSON: three mebibytes.
  const prompt = '\u0001'.repeat(512 * 1024);
  const result = 'ü'.repeat(1024 * 1024);

  it('come back whole, in the run, in its list and in its events, and go with it', async () => {
    await withConnection(async (connection) => {
      const runs = createRunStore(connection);
      const run = await runningRun(runs, { task: task({ prompt }) });
      await recordRun(runs, run, [result, 'short', result]);
      const ended = await runs.update(run.id, (present) => {
        const answer = { text: result, structured: null };
        const end = { status: 'succeeded', stopReason: 'end_turn', limitsHit: [], result: answer } as const;
        return settle(present, 1, end, [], NOW);
      });
      expect(await runs.get(run.id)).toEqual(ended);
      expect((await runs.list({ userId: ALICE }, { limit: 9, cursor: null })).items).toEqual([ended]);
      const events = await runs.events(run.id, 3, 9);
      expect(events.map((event) => event.seq)).toEqual([4, 5, 6, 7]);
      expect(events[2]).toMatchObject({ data: { text: result } });
      expect(events[3]).toMatchObject({ data: { result: { text: result } } });
      expect(await runs.purge(NOW + 1, 9)).toEqual([run.id]);
      for (const below of ['chunks', 'pieces']) {
        expect(await connection.find({ collection: `runs/${run.id}/${below}` })).toEqual([]);
      }
    });
  });

  it('leave no piece that nothing names when they become short', async () => {
    await withConnection(async (connection) => {
      const runs = createRunStore(connection);
      const run = await insertRun(runs, { task: task({ prompt }) });
      expect((await connection.find({ collection: `runs/${run.id}/pieces` })).length).toBeGreaterThan(4);
      await runs.update(run.id, (present) => ({ run: { ...present, task: task() }, events: [] }));
      expect(await connection.find({ collection: `runs/${run.id}/pieces` })).toEqual([]);
      expect((await runs.get(run.id))?.task).toEqual(task());
    });
  });
});
