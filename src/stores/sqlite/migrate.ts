/**
 * Brings a database to the schema of this code: forward only, one transaction a step, so that a crash at any instruction
 * leaves a whole version. Two processes may do it at once; each step is looked up again under the write lock.
 */
import { createHash } from 'node:crypto';
import { DomainError } from '../../core/errors.ts';
import { number, text } from './codec.ts';
import type { Connection } from './connection.ts';
import type { Migration } from './migrations/migration.ts';
import { writeNow } from './transaction.ts';

/** Marks a file as ours ("SLWY"), so that nobody else's database is ever altered. */
const APPLICATION_ID = 0x534c5759;

const checksum = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex');

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

const applied = (connection: Connection): Applied[] =>
  connection.all('SELECT version, name, checksum FROM migrations ORDER BY version').map((row) => ({
    version: number(row, 'version'),
    name: text(row, 'name'),
    checksum: text(row, 'checksum'),
  }));

const isOurs = (connection: Connection): boolean => {
  const id = connection.get('PRAGMA application_id');
  return id !== null && number(id, 'application_id') === APPLICATION_ID;
};

const isEmpty = (connection: Connection): boolean => connection.get('SELECT 1 FROM sqlite_schema LIMIT 1') === null;

const refuseForeign = (connection: Connection): void => {
  if (isOurs(connection) || isEmpty(connection)) return;
  throw new DomainError('store_unavailable', `The database was not made by Slipway. (${connection.path})`, {
    hint: 'It was left as it is. Name another file for the database.',
  });
};

const refuseStrange = (connection: Connection, done: readonly Applied[], known: readonly Migration[]): void => {
  const newest = done.at(-1)?.version ?? 0;
  if (newest > known.length) {
    throw new DomainError(
      'store_unavailable',
      `The database has schema version ${newest}, and this Slipway knows versions up to ${known.length}. (${connection.path})`,
      {
        hint: 'It was left as it is. Start the newer Slipway that it was last used with, or restore the backup from before that.',
      },
    );
  }
  for (const [index, step] of done.entries()) {
    const own = known[index];
    if (own !== undefined && own.version === step.version && checksum(own) === step.checksum) continue;
    throw new DomainError(
      'store_unavailable',
      `Version ${step.version} ("${step.name}") of the database's schema is not the one that this Slipway has. (${connection.path})`,
      {
        hint: 'It was left as it is. It was made by a build that was never released: start that build, or restore a backup.',
      },
    );
  }
};

/** Makes the table of migrations in a new database. */
const adopt = (connection: Connection): void => {
  if (isOurs(connection)) return;
  connection.exec(`
    PRAGMA application_id = ${APPLICATION_ID};
    CREATE TABLE migrations (
      version INTEGER NOT NULL PRIMARY KEY,
      name TEXT NOT NULL,
      checksum TEXT NOT NULL,
      applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ'))
    ) STRICT;
  `);
};

/** Applies the next step; false when there is none. */
const step = (connection: Connection, known: readonly Migration[]): boolean =>
  writeNow(connection, () => {
    refuseForeign(connection);
    adopt(connection);
    const done = applied(connection);
    refuseStrange(connection, done, known);
    const next = known[done.length];
    if (next === undefined) return false;
    connection.exec(next.sql);
    connection.run(
      'INSERT INTO migrations (version, name, checksum) VALUES (?, ?, ?)',
      next.version,
      next.name,
      checksum(next),
    );
    return true;
  });

/** Throws `store_unavailable`, having written nothing, when the database is not one that `known` leads on from. */
export const migrate = (connection: Connection, known: readonly Migration[]): void => {
  while (step(connection, known));
};
