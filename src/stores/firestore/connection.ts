/** One open Firestore database. Queries and changes come in as data, so that what is asked of it can be seen and counted. */
import { FieldPath, Firestore, type Query, type Timestamp, type Transaction } from '@google-cloud/firestore';
import { GoogleAuth, PassThroughClient } from 'google-auth-library';
import { DomainError } from '../../core/errors.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { asDomainError, ConflictError, isConflict } from './failures.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A document as it was read. */
export interface Stored {
  readonly id: string;
  readonly path: string;
  readonly fields: Fields;
  /** When it was last written; a change can be made to depend on it. */
  readonly version: Timestamp;
}

/** Which documents of a collection. */
export interface Select {
  readonly collection: string;
  readonly where?: readonly (readonly [
    field: string,
    operator: '==' | '<' | '<=' | '>' | '>=' | 'in',
    value: unknown,
  ])[];
  /** Documents that are equal in all of it come in the order of their ids, in the direction of the last. */
  readonly orderBy?: readonly (readonly [field: string, direction: 'asc' | 'desc'])[];
  /** Begins behind these values of `orderBy`, and of the id when there is one more. */
  readonly after?: readonly unknown[];
  readonly limit?: number;
  /** The fields to fetch, none for the ids alone; all when left out. */
  readonly fields?: readonly string[];
}

export type Change =
  /** Refused when the document exists. */
  | { readonly kind: 'create'; readonly path: string; readonly fields: Fields }
  | { readonly kind: 'replace'; readonly path: string; readonly fields: Fields }
  /** Sets some fields, whether the document exists or not. */
  | { readonly kind: 'merge'; readonly path: string; readonly fields: Fields }
  /** Refused when the document was written since `version`. */
  | { readonly kind: 'update'; readonly path: string; readonly fields: Fields; readonly version: Timestamp }
  | { readonly kind: 'delete'; readonly path: string; readonly version?: Timestamp };

/** What was asked of the database, for who measures: reads and writes are what it charges for. */
export type Operation =
  | { readonly kind: 'get'; readonly reads: number }
  | { readonly kind: 'find' | 'count'; readonly reads: number; readonly select: Select }
  | { readonly kind: 'listen'; readonly reads: number; readonly select: Select | null }
  | { readonly kind: 'commit'; readonly changes: readonly Change[] };

export interface Reader {
  find(select: Select): Promise<Stored[]>;
}

export interface Connection extends Reader {
  readonly clock: Clock;
  readonly random: Random;
  get(path: string): Promise<Stored | null>;
  getAll(paths: readonly string[]): Promise<(Stored | null)[]>;
  count(select: Select): Promise<number>;
  /** Several reads of one instant. */
  snapshot<T>(read: (reader: Reader) => Promise<T>): Promise<T>;
  /** All changes or none; durable when it resolves. @throws ConflictError when a condition did not hold */
  commit(changes: readonly Change[]): Promise<void>;
  /** Hears what a selection, or one document, holds: at once and whenever it changes, until the returned function is called. */
  listen(
    what: Select | string,
    heard: (documents: readonly Stored[]) => void,
    failed: (error: unknown) => void,
  ): () => void;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly projectId: string;
  readonly databaseId: string;
  /** `host:port` of an emulator; null for the real service. */
  readonly emulatorHost: string | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe?: (operation: Operation) => void;
}

/** A call that takes longer is given up; the client's own retries are part of it. */
const CALL_TIMEOUT_MS = 20_000;
/** Before the first answer: an address that is wrong should be said soon. */
const FIRST_TIMEOUT_MS = 15_000;

const SCOPE = 'https://www.googleapis.com/auth/datastore';

/**
 * Whose credentials are shown. They are looked up here, before there is a client: one that finds none later throws where
 * nobody can catch it. An emulator gets nobody's: without any, the machine's metadata service would be asked for some.
 */
const credentials = async (emulated: boolean): Promise<GoogleAuth> => {
  if (emulated) return new GoogleAuth({ authClient: new PassThroughClient() });
  const auth = new GoogleAuth({ scopes: SCOPE });
  await auth.getClient();
  return auth;
};

const addressOf = (host: string | null) => {
  if (host === null) return {};
  const [name = '127.0.0.1', port = '8080'] = host.split(/:(?=\d+$)/);
  return { host: name, port: Number(port), ssl: false };
};

interface Snapshot {
  readonly id: string;
  readonly ref: { readonly path: string };
  readonly updateTime?: Timestamp | undefined;
  data(): Fields | undefined;
}

const storedOf = (snapshot: Snapshot): Stored | null => {
  const fields = snapshot.data();
  if (fields === undefined || snapshot.updateTime === undefined) return null;
  return { id: snapshot.id, path: snapshot.ref.path, fields, version: snapshot.updateTime };
};

const queryOf = (database: Firestore, select: Select): Query => {
  let query: Query = database.collection(select.collection);
  for (const [field, operator, value] of select.where ?? []) query = query.where(field, operator, value);
  for (const [field, direction] of select.orderBy ?? []) query = query.orderBy(field, direction);
  if (select.after !== undefined) {
    const direction = select.orderBy?.at(-1)?.[1] ?? 'asc';
    if (select.after.length > (select.orderBy?.length ?? 0)) query = query.orderBy(FieldPath.documentId(), direction);
    query = query.startAfter(...select.after);
  }
  if (select.limit !== undefined) query = query.limit(select.limit);
  if (select.fields !== undefined) query = query.select(...select.fields);
  return query;
};

/** Gives up on `work` after a time, as the service itself would. */
const within = async <T>(work: Promise<T>, ms: number): Promise<T> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(Object.assign(new Error('no answer in time'), { code: 4 })), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** Makes a connection; nothing is sent to the database before the first call. `store_unavailable` without credentials. */
export const openConnection = async (options: ConnectionOptions): Promise<Connection> => {
  const { projectId, databaseId, emulatorHost, clock, random, observe = () => undefined } = options;
  const target = `${projectId}/${databaseId}${emulatorHost === null ? '' : `, emulator at ${emulatorHost}`}`;
  const auth = await credentials(emulatorHost !== null).catch((error: unknown) => {
    throw asDomainError(error, target);
  });
  const database = new Firestore({ projectId, databaseId, auth, ...addressOf(emulatorHost) });
  const listeners = new Set<() => void>();
  let closed = false;
  let opened = false;

  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) {
      throw new DomainError('store_unavailable', `The database is closed. (${target})`, {
        hint: 'The server is stopping. Try again once it has started anew.',
      });
    }
    try {
      const done = await within(work(), opened ? CALL_TIMEOUT_MS : FIRST_TIMEOUT_MS);
      opened = true;
      return done;
    } catch (error) {
      throw asDomainError(error, target);
    }
  };
  const found = (select: Select, documents: readonly Snapshot[]): Stored[] => {
    // A query that finds nothing is charged as one read.
    observe({ kind: 'find', reads: Math.max(1, documents.length), select });
    return documents.map(storedOf).filter((stored) => stored !== null);
  };
  const getAll = (paths: readonly string[]) =>
    call(async () => {
      if (paths.length === 0) return [];
      const snapshots = await database.getAll(...paths.map((path) => database.doc(path)));
      observe({ kind: 'get', reads: paths.length });
      return snapshots.map(storedOf);
    });
  const readerIn = (transaction: Transaction): Reader => ({
    find: async (select) => found(select, (await transaction.get(queryOf(database, select))).docs),
  });

  return {
    clock,
    random,
    get: async (path) => (await getAll([path]))[0] ?? null,
    getAll,
    find: (select) => call(async () => found(select, (await queryOf(database, select).get()).docs)),
    count: (select) =>
      call(async () => {
        const { count } = (await queryOf(database, select).count().get()).data();
        observe({ kind: 'count', reads: 1 + Math.floor(count / 1_000), select });
        return count;
      }),
    snapshot: (read) =>
      call(() => database.runTransaction((transaction) => read(readerIn(transaction)), { readOnly: true })),
    commit: (changes) =>
      call(async () => {
        const batch = database.batch();
        for (const change of changes) {
          const ref = database.doc(change.path);
          if (change.kind === 'create') batch.create(ref, change.fields);
          else if (change.kind === 'replace') batch.set(ref, change.fields);
          else if (change.kind === 'merge') batch.set(ref, change.fields, { merge: true });
          else if (change.kind === 'update') batch.update(ref, change.fields, { lastUpdateTime: change.version });
          else batch.delete(ref, change.version === undefined ? {} : { lastUpdateTime: change.version });
        }
        try {
          await batch.commit();
        } catch (error) {
          if (isConflict(error)) throw new ConflictError(error);
          throw error;
        }
        observe({ kind: 'commit', changes });
      }),
    listen: (what, heard, failed) => {
      if (closed) return () => undefined;
      const hear = (documents: readonly Snapshot[], reads: number): void => {
        observe({ kind: 'listen', reads, select: typeof what === 'string' ? null : what });
        heard(documents.map(storedOf).filter((stored) => stored !== null));
      };
      const stop =
        typeof what === 'string'
          ? database.doc(what).onSnapshot((snapshot) => hear([snapshot], 1), failed)
          : queryOf(database, what).onSnapshot((snapshot) => hear(snapshot.docs, snapshot.docChanges().length), failed);
      listeners.add(stop);
      return () => {
        listeners.delete(stop);
        stop();
      };
    },
    close: async () => {
      if (closed) return;
      closed = true;
      for (const stop of listeners) stop();
      await database.terminate();
    },
  };
};
