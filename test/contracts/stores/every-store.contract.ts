/** All store contracts, as an adapter runs them. */
import { describeAgentStoreContract } from './agent-store.contract.ts';
import { describeConversationStoreContract } from './conversation-store.contract.ts';
import { describeIdempotencyStoreContract } from './idempotency-store.contract.ts';
import { describeKeyStoreContract } from './key-store.contract.ts';
import type { OpenStores } from './opened.ts';
import { describeRunStoreContract } from './run-store.contract.ts';
import { describeStoresContract } from './stores.contract.ts';

/** @param modelRuns sequences of calls that are compared with the model */
export const describeEveryStoreContract = (name: string, open: OpenStores, modelRuns = 25): void => {
  describeStoresContract(name, open);
  describeRunStoreContract(name, open, modelRuns);
  describeAgentStoreContract(name, open);
  describeConversationStoreContract(name, open);
  describeKeyStoreContract(name, open);
  describeIdempotencyStoreContract(name, open);
};
