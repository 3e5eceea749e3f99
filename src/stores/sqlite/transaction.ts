/**
 * All or nothing: how a change reaches the database.
 *
 * A commit waits for the disk, and the whole server with it. So the changes that are asked for in the same turn of the
 * event loop are committed together, each in a savepoint of its own: one that fails takes no other with it, and nobody
 * is answered before the commit.
 */
import { DomainError } from '../../core/errors.ts';
import type { Connection, Waiting } from './connection.ts';
import { isFullDisk } from './failures.ts';

/**
 * Writes down what was taken on before. On a full disk the reserve is given up for it, and `work` runs a second time.
 */
export const write = <T>(connection: Connection, work: () => T): Promise<T> =>
  enqueue(connection, work, () => writeNow(connection, work));

/** Takes on something new: not on a full disk, whose last space is for ending what has begun. */
export const admit = <T>(connection: Connection, work: () => T): Promise<T> => {
  const admitted = (): T => {
    connection.reserve.hold();
    return work();
  };
  return enqueue(connection, admitted, () => transact(connection, admitted));
};

/** As `write`, and committed by itself before it returns. */
export const writeNow = <T>(connection: Connection, work: () => T): T => {
  try {
    return transact(connection, work);
  } catch (error) {
    if (!isFullDisk(error) || !connection.reserve.spend()) throw error;
    return transact(connection, work);
  }
};

const enqueue = async <T>(connection: Connection, work: () => T, alone: () => T): Promise<T> => {
  if (connection.inTransaction) {
    throw new DomainError('internal', 'A decision must not call the store that runs it.');
  }
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  connection.waiting.push({
    within: () => {
      const result = work();
      return () => resolve(result);
    },
    alone: () => {
      try {
        resolve(alone());
      } catch (error) {
        reject(error);
      }
    },
    refuse: reject,
  });
  if (connection.waiting.length === 1) setImmediate(() => commitWaiting(connection));
  return await promise;
};

/** Commits what waits, in the order in which it was asked for. */
export const commitWaiting = (connection: Connection): void => {
  const group = connection.waiting.splice(0);
  if (group.length > 1 && commitTogether(connection, group)) return;
  for (const one of group) one.alone();
};

const commitTogether = (connection: Connection, group: readonly Waiting[]): boolean => {
  try {
    connection.exec('BEGIN IMMEDIATE');
  } catch (error) {
    // Each for itself would only wait as long again.
    for (const one of group) one.refuse(error);
    return true;
  }
  const answers: (() => void)[] = [];
  try {
    for (const one of group) answers.push(inSavepoint(connection, one));
    connection.exec('COMMIT');
  } catch {
    // What failed is not one of the changes but the transaction, as on a full disk: each for itself, it may fare better.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    return false;
  }
  for (const answer of answers) answer();
  return true;
};

const inSavepoint = (connection: Connection, one: Waiting): (() => void) => {
  connection.exec('SAVEPOINT one');
  try {
    const answer = one.within();
    connection.exec('RELEASE one');
    return answer;
  } catch (error) {
    // SQLite has rolled back everything by itself after some errors.
    if (!connection.inTransaction || isFullDisk(error)) throw error;
    connection.exec('ROLLBACK TO one; RELEASE one');
    return () => one.refuse(error);
  }
};

/**
 * Runs `work` and commits what it wrote; nothing when it throws.
 *
 * The write lock is taken at the beginning (`IMMEDIATE`), before anything is read: a transaction that reads first and
 * asks for the lock later can find that another process has written in between, and must not write then.
 */
const transact = <T>(connection: Connection, work: () => T): T => {
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
