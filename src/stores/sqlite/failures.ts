/** What SQLite's errors mean to the rest of the program. */
import { DomainError } from '../../core/errors.ts';

// Primary result codes, https://sqlite.org/rescode.html
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

interface Meaning {
  readonly message: string;
  readonly hint: string;
  readonly retryAfterSeconds?: number;
}

const KEPT = 'Nothing of this request was written; what was committed before is kept.';

const FULL_DISK = {
  message: 'The disk that holds the database is full.',
  hint: `${KEPT} Free space on it, then try again.`,
  retryAfterSeconds: 10,
};

const MEANINGS: Readonly<Record<number, Meaning>> = {
  [BUSY]: {
    message: 'The database was held by another process for too long.',
    hint: `${KEPT} Try again; if it stays so, look for another program that has the file open.`,
    retryAfterSeconds: 1,
  },
  [LOCKED]: { message: 'The database is locked.', hint: `${KEPT} Try again.`, retryAfterSeconds: 1 },
  [READONLY]: {
    message: 'The database cannot be written.',
    hint: `${KEPT} Give the user of this process write permission on the file and on its directory.`,
  },
  [IOERR]: {
    message: 'Reading or writing the database failed in the operating system.',
    hint: `${KEPT} Check the disk that holds the file, then start again.`,
  },
  [CORRUPT]: {
    message: 'The database is damaged.',
    hint: 'Stop the server and restore the file from a backup; `sqlite3 <file> .recover` saves what can still be read.',
  },
  [FULL]: FULL_DISK,
  [CANTOPEN]: {
    message: 'The database cannot be opened.',
    hint: 'Check that its path is a file, not a directory, and that the user of this process may read and write it.',
  },
  [NOTADB]: {
    message: 'The file is not a database.',
    hint: 'It was left as it is. Name another file, or move this one away to start with an empty database.',
  },
};

const meansFull = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === FULL;

/** Whether a statement failed since the disk is full. */
export const isFullDisk = (error: unknown): boolean => error instanceof DomainError && meansFull(error.cause);

/** The error of a disk that has no room for what was to be written beside `path`. */
export const fullDisk = (path: string): DomainError => {
  const { message, hint, retryAfterSeconds } = FULL_DISK;
  return new DomainError('store_unavailable', `${message} (${path})`, { hint, retryAfterSeconds });
};

const FILE_HINT = 'Choose a data directory that the user of this process may write to.';

/** The error that callers may see for anything that was thrown while `path` was worked on. */
export const asDomainError = (error: unknown, path: string): unknown => {
  if (error instanceof DomainError || !(error instanceof Error)) return error;
  if ('errcode' in error && typeof error.errcode === 'number') {
    const meaning = MEANINGS[error.errcode & 0xff];
    if (meaning === undefined)
      return new DomainError('internal', 'The database refused a statement.', { cause: error });
    const { message, ...rest } = meaning;
    return new DomainError('store_unavailable', `${message} (${path})`, { ...rest, cause: error });
  }
  if (!('code' in error)) return error;
  if (error.code === 'ERR_INVALID_STATE') {
    return new DomainError('store_unavailable', `The database is closed. (${path})`, {
      hint: 'The server is stopping. Try again once it has started anew.',
      cause: error,
    });
  }
  if ('syscall' in error) {
    const message = `The database cannot be created: ${error.message}. (${path})`;
    return new DomainError('store_unavailable', message, { hint: FILE_HINT, cause: error });
  }
  return error;
};
