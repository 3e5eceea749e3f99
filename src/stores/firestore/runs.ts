/** Runs and their events. */
import { requireFollowing } from '../../core/commit-guards.ts';
import { DomainError } from '../../core/errors.ts';
import type { RunId } from '../../core/ids.ts';
import type { Run } from '../../core/run.ts';
import type { Decision } from '../../core/transitions.ts';
import type { IdempotencyRecord } from '../../ports/idempotency-store.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { findClaimable } from './claimable.ts';
import { encodeRun, identityOf, runId, stateFields, texts } from './codec.ts';
import type { Change, Connection, Stored } from './connection.ts';
import { layOutEvents, readEvents } from './documents/chunks.ts';
import { dropPieces, layOut, writePieces } from './documents/long-text.ts';
import { removeTree } from './documents/remove-tree.ts';
import { wholeRun } from './documents/whole-run.ts';
import { ConflictError } from './failures.ts';
import { remember, requireUntaken } from './idempotency.ts';
import { listRuns } from './run-list.ts';
import { createTurns, write } from './transaction.ts';
import { account, amountsOf, sumUsage, totalsOf } from './usage.ts';

const pathOf = (id: RunId): string => `runs/${id}`;

/** Commits that a run remembers: one whose answer was lost is known again, and not made twice. */
const COMMITS_KEPT = 8;

const find = async (connection: Connection, id: RunId) => {
  const stored = await connection.get(pathOf(id));
  return stored === null ? null : wholeRun(connection, stored);
};

const changingFields = (run: Run) => ({ ...stateFields(run), amounts: [...amountsOf(run)], model: run.model ?? '' });

const newCommit = ({ random }: Connection): string => Buffer.from(random.bytes(16)).toString('hex');

interface Attempt {
  /** Names of the commits that were tried for this change, by what each would have made of the run. */
  readonly tried: Map<string, Run>;
}

/** What an earlier try has made of the run, when its commit came through although its answer did not. */
const committed = (stored: Stored, { tried }: Attempt): Run | null => {
  const name = texts(stored.fields, 'commits').find((commit) => tried.has(commit));
  return name === undefined ? null : (tried.get(name) ?? null);
};

const insert = async (
  connection: Connection,
  first: Decision,
  once: IdempotencyRecord | null,
  attempt: Attempt,
): Promise<Run> => {
  const { run, events } = first;
  const path = pathOf(run.id);
  let replaced: Stored | null = null;
  if (attempt.tried.size > 0) {
    const present = await connection.get(path);
    const mine = present === null ? null : committed(present, attempt);
    if (mine !== null) return mine;
    if (present !== null) throw new DomainError('conflict', `Run ${run.id} exists already.`);
    replaced = await requireUntaken(connection, once, run.createdAt);
  }
  const commit = newCommit(connection);
  attempt.tried.set(commit, run);
  const doc = layOut(path, encodeRun(run));
  const task = layOut(path, JSON.stringify(run.task));
  const { chunks, pieces } = layOutEvents(run.id, events);
  const record = remember(once, replaced);
  await writePieces(connection, [...doc.pieces, ...task.pieces, ...pieces, ...record.pieces]);
  const fields = { ...identityOf(run), ...changingFields(run), doc: doc.field, task: task.field, commits: [commit] };
  await connection.commit([{ kind: 'create', path, fields }, ...chunks, ...record.changes, ...account(null, run)]);
  return run;
};

const change = async (
  connection: Connection,
  before: Run,
  stored: Stored,
  { run, events }: Decision,
  attempt: Attempt,
): Promise<Run> => {
  const { path, fields, version } = stored;
  const commit = newCommit(connection);
  attempt.tried.set(commit, run);
  const doc = layOut(path, encodeRun(run));
  const task = run.task === before.task ? null : layOut(path, JSON.stringify(run.task));
  const { chunks, pieces } = layOutEvents(run.id, events);
  await writePieces(connection, [...doc.pieces, ...(task?.pieces ?? []), ...pieces]);
  const dropped: Change[] = [
    ...dropPieces(path, fields.doc, doc.field),
    ...(task === null ? [] : dropPieces(path, fields.task, task.field)),
  ];
  const changed = {
    ...changingFields(run),
    doc: doc.field,
    ...(task === null ? {} : { task: task.field }),
    commits: [commit, ...texts(fields, 'commits')].slice(0, COMMITS_KEPT),
  };
  await connection.commit([
    { kind: 'update', path, fields: changed, version },
    ...chunks,
    ...dropped,
    ...account(before, run),
  ]);
  return run;
};

const update = async (
  connection: Connection,
  id: RunId,
  decide: (run: Run) => Decision,
  attempt: Attempt,
): Promise<Run> => {
  const found = await find(connection, id);
  if (found === null) throw new DomainError('not_found', `There is no run ${id}.`);
  const { stored, run: before } = found;
  const mine = committed(stored, attempt);
  if (mine !== null) return mine;
  const decision = decide(before);
  if (decision.run === before && decision.events.length === 0) return before;
  requireFollowing(before, decision);
  return change(connection, before, stored, decision, attempt);
};

const purge = async (connection: Connection, before: number, limit: number): Promise<RunId[]> => {
  const ended = await connection.find({
    collection: 'runs',
    where: [['endedAt', '<', before]],
    orderBy: [['endedAt', 'asc']],
    limit,
    fields: [],
  });
  const gone: RunId[] = [];
  for (const stored of ended) {
    try {
      await removeTree(connection, stored, ['chunks', 'pieces']);
    } catch (error) {
      // Another process deletes it, too: the one that comes later finds nothing and is right to call it gone.
      if (!(error instanceof ConflictError)) throw error;
    }
    gone.push(runId(stored));
  }
  return gone;
};

export const createRunStore = (connection: Connection): RunStore => {
  const inTurn = createTurns();
  const newAttempt = (): Attempt => ({ tried: new Map() });
  return {
    insert: async (first, once) => {
      requireFollowing(null, first);
      const attempt = newAttempt();
      return write(connection, () => insert(connection, first, once, attempt));
    },
    get: async (id) => (await find(connection, id))?.run ?? null,
    update: (id, decide) => {
      const attempt = newAttempt();
      return inTurn(id, () => write(connection, () => update(connection, id, decide, attempt)));
    },
    findClaimable: (now, limit, except = []) => findClaimable(connection, now, limit, new Set(except)),
    list: (filter, page) => listRuns(connection, filter, page),
    events: (id, after, limit, maxChars = Number.POSITIVE_INFINITY) =>
      readEvents(connection, id, after, limit, maxChars),
    usage: (query) => sumUsage(connection, query),
    agentTotals: async (ids) =>
      new Map(await Promise.all(ids.map(async (id) => [id, await totalsOf(connection, id)] as const))),
    purge: (before, limit) => purge(connection, before, limit),
  };
};
