import { expect, it } from 'vitest';
import type { Operation } from '../../../src/stores/firestore/connection.ts';
import { describeWithFirestore } from '../../support/firestore/firestore.ts';
import { expiring, INDEXES, neededIndex, TTL, wronglyIndexed } from '../../support/firestore/indexes.ts';
import { describeEveryStoreContract } from './every-store.contract.ts';
import { openTemporaryFirestore } from './temporary-firestore.ts';

/** Each call goes over a network, and what is looked at after each step are fifty of them. */
const MODEL_RUNS = 5;

describeWithFirestore('firestore', () => {
  const needed = new Set<string>();
  const indexed = new Set<string>();
  const expires = new Set<string>();
  const observe = (operation: Operation): void => {
    if (operation.kind === 'find' || operation.kind === 'count') {
      const index = neededIndex(operation.select);
      if (index !== null) needed.add(index);
    }
    if (operation.kind !== 'commit') return;
    for (const change of operation.changes) {
      for (const name of wronglyIndexed(change)) indexed.add(name);
      for (const name of expiring(change)) expires.add(name);
    }
  };

  describeEveryStoreContract('firestore', () => openTemporaryFirestore(observe), MODEL_RUNS);

  // The last one, since it looks at what all the others have asked for.
  it('has asked for nothing that needs an index which deploy/firestore/indexes.json lacks', () => {
    expect([...needed].filter((index) => !INDEXES.includes(index))).toEqual([]);
    expect([...indexed]).toEqual([]);
    expect([...expires].filter((field) => !TTL.includes(field))).toEqual([]);
  });
});
