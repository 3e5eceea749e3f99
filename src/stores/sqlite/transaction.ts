/** All or nothing: how a change reaches the database. */
import { DomainError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';
import { isFullDisk } from './failures.ts';

/**
 * Writes down what was taken on before. On a full disk the reserve is given up for it, and `work` runs a second time.
 */
export const write = <T>(connection: Connection, work: () => T): T => {
  try {
    return transact(connection, work);
  } catch (error) {
    if (!isFullDisk(error) || !connection.reserve.spend()) throw error;
    return transact(connection, work);
  }
};

/** Takes on something new: not on a full disk, whose last space is for ending what has begun. */
export const admit = <T>(connection: Connection, work: () => T): T => {
  connection.reserve.hold();
  return transact(connection, work);
};

/**
 * Runs `work` and commits what it wrote; nothing when it throws.
 *
 * The write lock is taken at the beginning (`IMMEDIATE`), before anything is read: a transaction that reads first and
 * asks for the lock later can find that another process has written in between, and must not write then.
 */
const transact = <T>(connection: Connection, work: () => T): T => {
  if (connection.inTransaction) {
    throw new DomainError('internal', 'A decision must not call the store that runs it.');
  }
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
};
