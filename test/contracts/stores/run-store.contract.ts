/** What every RunStore must do. */
import { describe } from 'vitest';
import type { OpenStores } from './opened.ts';
import { describeClaims } from './run-store/claims.ts';
import { describeInserts } from './run-store/inserts.ts';
import { describeModel } from './run-store/like-the-model.ts';
import { describeLists } from './run-store/lists.ts';
import { describePurge } from './run-store/purge.ts';
import { describeUpdates } from './run-store/updates.ts';
import { describeUsage } from './run-store/usage.ts';

export const describeRunStoreContract = (name: string, open: OpenStores, modelRuns: number): void => {
  describe(`${name}: run store`, () => {
    describeInserts(open);
    describeUpdates(open);
    describeClaims(open);
    describeLists(open);
    describeUsage(open);
    describePurge(open);
    describeModel(open, modelRuns);
  });
};
