/** One open database file: its settings and its prepared statements. */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { asDomainError } from './failures.ts';
import { createReserve, type Reserve } from './reserve.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** A change that waits for the next commit. */
export interface Waiting {
  /** Does the work inside a transaction, and returns what tells the asker so. Throws what the work throws. */
  readonly within: () => () => void;
  /** Does it in a transaction of its own, and tells the asker what came of it. */
  readonly alone: () => void;
  readonly refuse: (error: unknown) => void;
}

export interface Connection {
  readonly path: string;
  readonly inTransaction: boolean;
  readonly reserve: Reserve;
  /** Changes that are committed together in the next turn of the event loop. */
  readonly waiting: Waiting[];
  /** The first row, or null. */
  get(sql: string, ...values: SQLInputValue[]): Row | null;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  /** The rows up to the first one that is enough, which is among them. */
  until(enough: (row: Row) => boolean, sql: string, ...values: SQLInputValue[]): Row[];
  /** Runs a statement that changes rows; returns how many. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** Runs statements that take no values, several if need be. Not cached. */
  exec(sql: string): void;
  /** Idempotent. */
  close(): void;
}

/** How long a statement waits for another process's transaction before it is given up. */
const BUSY_TIMEOUT_MS = 5_000;

/** `FULL`: a commit is on the disk when it returns, which is what a 202 promises. `fullfsync` says it to macOS. */
const SETTINGS = `
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA foreign_keys = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -16000;
  PRAGMA journal_size_limit = 67108864;
`;

/**
 * Creates an empty database file for its owner alone: SQLite would make it as readable as the umask allows. The log
 * files that SQLite puts beside it get the same mode.
 */
const createFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw error;
  }
  // The name must survive power loss as the content does.
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
};

/** Opens a database file, and creates it where there is none. Throws `store_unavailable`. */
export const openConnection = (path: string, timeoutMs = BUSY_TIMEOUT_MS, reserveBytes = 0): Connection => {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw asDomainError(error, path);
    }
  };
  const database = attempt(() => {
    createFile(path);
    const opened = new DatabaseSync(path, { timeout: timeoutMs });
    try {
      opened.exec(SETTINGS);
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  });
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    path,
    reserve: createReserve(path, reserveBytes),
    waiting: [],
    get inTransaction() {
      return database.isOpen && database.isTransaction;
    },
    get: (sql, ...values) => attempt(() => prepared(sql).get(...values) ?? null),
    all: (sql, ...values) => attempt(() => prepared(sql).all(...values)),
    until: (enough, sql, ...values) =>
      attempt(() => {
        const rows: Row[] = [];
        for (const row of prepared(sql).iterate(...values)) {
          rows.push(row);
          if (enough(row)) break;
        }
        return rows;
      }),
    run: (sql, ...values) => attempt(() => Number(prepared(sql).run(...values).changes)),
    exec: (sql) => attempt(() => database.exec(sql)),
    close: () => {
      statements.clear();
      if (database.isOpen) attempt(() => database.close());
    },
  };
};
