/** The Firestore store: for several servers at once, and for one that comes and goes. */
import type { Stores } from '../../ports/stores.ts';
import { createAgentStore } from './agents.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { createConversationStore } from './conversations.ts';
import { createIdempotencyStore } from './idempotency.ts';
import { createKeyStore } from './keys.ts';
import { migrate, SCHEMA_PATH } from './migrate.ts';
import { createRunStore } from './runs.ts';
import { createSecrets } from './secrets.ts';

/**
 * Opens the database, which must exist.
 * `store_unavailable` when it cannot be reached, does not exist, refuses this process, or is not for this version.
 */
export const openFirestoreStores = async (options: ConnectionOptions): Promise<Stores> => {
  const connection = openConnection(options);
  try {
    await migrate(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
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
    close: () => connection.close(),
  };
};
