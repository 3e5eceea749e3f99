/** All of a store: one database, opened once, closed once. */
import type { AgentStore } from './agent-store.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { IdempotencyStore } from './idempotency-store.ts';
import type { KeyStore } from './key-store.ts';
import type { RunStore } from './run-store.ts';

export interface Stores {
  readonly runs: RunStore;
  readonly agents: AgentStore;
  readonly conversations: ConversationStore;
  readonly keys: KeyStore;
  readonly idempotency: IdempotencyStore;
  /** A secret of this installation, made of 32 random bytes at its first use and the same ever after. */
  secret(name: string): Promise<Uint8Array>;
  /** Throws `store_unavailable` when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
