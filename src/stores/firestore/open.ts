/** The Firestore store: for several servers at once, and for one that comes and goes. */
import type { Notifier } from '../../ports/notifier.ts';
import type { Stores } from '../../ports/stores.ts';
import { createAgentStore } from './agents.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { createConversationStore } from './conversations.ts';
import { createIdempotencyStore } from './idempotency.ts';
import { createKeyStore } from './keys.ts';
import { type ClosableNotifier, type NotifierOptions, openNotifier } from './listening/notifier.ts';
import { migrate, SCHEMA_PATH } from './migrate.ts';
import { createRunStore } from './runs.ts';
import { createSecrets } from './secrets.ts';

export interface FirestoreStores extends Stores {
  /** Word between the processes that have the database open; at an end when the stores are closed. */
  openNotifier(options: NotifierOptions): Notifier;
}

/**
 * Opens the database, which must exist.
 * `store_unavailable` when it cannot be reached, does not exist, refuses this process, or is not for this version.
 */
export const openFirestoreStores = async (options: ConnectionOptions): Promise<FirestoreStores> => {
  const connection = await openConnection(options);
  try {
    await migrate(connection);
  } catch (error) {
    // Not awaited: a client that reaches nobody takes its time to end.
    connection.close().catch(() => undefined);
    throw error;
  }
  const notifiers: ClosableNotifier[] = [];
  return {
    runs: createRunStore(connection),
    agents: createAgentStore(connection),
    conversations: createConversationStore(connection),
    keys: createKeyStore(connection),
    idempotency: createIdempotencyStore(connection),
    secret: createSecrets(connection),
    ping: async () => {
      await connection.get(SCHEMA_PATH);
    },
    openNotifier: (notifierOptions) => {
      const notifier = openNotifier(connection, notifierOptions);
      notifiers.push(notifier);
      return notifier;
    },
    close: async () => {
      for (const notifier of notifiers) notifier.close();
      await connection.close();
    },
  };
};
