/** The SQLite store: one file, for one machine; several processes may have it open. */
import { resolve } from 'node:path';
import { isDomainError } from '../../core/errors.ts';
import type { Stores } from '../../ports/stores.ts';
import { createAgentStore } from './agents.ts';
import { type Connection, openConnection } from './connection.ts';
import { createConversationStore } from './conversations.ts';
import { createIdempotencyStore } from './idempotency.ts';
import { createKeyStore } from './keys.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/migrations.ts';
import { createRunStore } from './runs.ts';
import { createSecrets } from './secrets.ts';
import { commitWaiting } from './transaction.ts';

/** How often the change to a write-ahead log is tried: SQLite does not wait by itself there. */
const LOG_TRIES = 50;
const LOG_PAUSE_MS = 50;

/** A database is changed to a write-ahead log once in its life; two processes may meet at that. */
const useWriteAheadLog = async (connection: Connection): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      connection.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (tries === LOG_TRIES || !isDomainError(error, 'store_unavailable')) throw error;
      if (error.retryAfterSeconds === undefined) throw error;
    }
    await new Promise((done) => setTimeout(done, LOG_PAUSE_MS));
  }
};

/**
 * Opens the database, makes it where there is none, and brings its schema up to date.
 * `store_unavailable` when the file cannot be opened or written, is damaged, is no database, or is not for this version.
 */
export const openSqliteStores = async (options: {
  readonly path: string;
  /** Space that is kept for ending runs on a full disk; none when left out. */
  readonly reserveBytes?: number;
}): Promise<Stores> => {
  const connection = openConnection(resolve(options.path), undefined, options.reserveBytes);
  try {
    migrate(connection, MIGRATIONS);
    await useWriteAheadLog(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
  try {
    connection.reserve.hold();
  } catch {
    // A full disk: what has begun is ended all the same, and whatever is new is told why it is refused.
  }
  return {
    runs: createRunStore(connection),
    agents: createAgentStore(connection),
    conversations: createConversationStore(connection),
    keys: createKeyStore(connection),
    idempotency: createIdempotencyStore(connection),
    secret: createSecrets(connection),
    ping: async () => {
      connection.get('SELECT max(version) FROM migrations');
    },
    close: async () => {
      commitWaiting(connection);
      connection.close();
    },
  };
};
