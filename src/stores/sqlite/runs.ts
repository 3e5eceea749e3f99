/** Runs and their events. */
import { requireFollowing } from '../../core/commit-guards.ts';
import { DomainError } from '../../core/errors.ts';
import type { RunEvent } from '../../core/events.ts';
import type { RunId } from '../../core/ids.ts';
import type { Run } from '../../core/run.ts';
import type { Decision } from '../../core/transitions.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { findClaimable } from './claimable.ts';
import { decodeEvent, decodeRun, encodeRun, runId } from './codec.ts';
import type { Connection, Row } from './connection.ts';
import { remember } from './idempotency.ts';
import { listRuns } from './run-list.ts';
import { admit, write } from './transaction.ts';
import { account, sumUsage, totalsOf } from './usage.ts';

const find = (connection: Connection, id: RunId): Run | null => {
  const row = connection.get('SELECT runs.*, task FROM runs JOIN tasks ON run_id = id WHERE id = ?', id);
  return row === null ? null : decodeRun(row);
};

const writeEvents = (connection: Connection, id: RunId, events: readonly RunEvent[]): void => {
  for (const { seq, at, type, data } of events) {
    connection.run(
      'INSERT INTO events (run_id, seq, at, type, data) VALUES (?, ?, ?, ?, ?)',
      id,
      seq,
      at,
      type,
      JSON.stringify(data),
    );
  }
};

const insert = (connection: Connection, { run, events }: Decision): void => {
  const { doc, status, live, claimAt, endedAt } = encodeRun(run);
  connection.run(
    `INSERT INTO runs (id, user_id, agent_id, conversation_id, created_at, last_seq, status, live, claim_at, ended_at,
       doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    run.id,
    run.userId,
    run.agentId,
    run.conversationId,
    run.createdAt,
    run.lastSeq,
    status,
    live,
    claimAt,
    endedAt,
    doc,
  );
  connection.run('INSERT INTO tasks (run_id, task) VALUES (?, ?)', run.id, JSON.stringify(run.task));
  writeEvents(connection, run.id, events);
  account(connection, null, run);
};

const change = (connection: Connection, before: Run, { run, events }: Decision): void => {
  const was = encodeRun(before);
  const { doc, status, live, claimAt, endedAt } = encodeRun(run);
  // SQLite writes the entry of every index whose columns are named here, even to the same value. Output is recorded
  // far more often than a run changes its state, so the columns of the indexes are named only when they change.
  if (was.status === status && was.claimAt === claimAt && was.endedAt === endedAt) {
    connection.run('UPDATE runs SET last_seq = ?, doc = ? WHERE id = ?', run.lastSeq, doc, run.id);
  } else {
    connection.run(
      'UPDATE runs SET last_seq = ?, status = ?, live = ?, claim_at = ?, ended_at = ?, doc = ? WHERE id = ?',
      run.lastSeq,
      status,
      live,
      claimAt,
      endedAt,
      doc,
      run.id,
    );
  }
  if (run.task !== before.task) {
    connection.run('UPDATE tasks SET task = ? WHERE run_id = ?', JSON.stringify(run.task), run.id);
  }
  writeEvents(connection, run.id, events);
  account(connection, before, run);
};

export const createRunStore = (connection: Connection): RunStore => ({
  insert: async (first, once) =>
    admit(connection, () => {
      if (connection.get('SELECT 1 FROM runs WHERE id = ?', first.run.id) !== null) {
        throw new DomainError('conflict', `Run ${first.run.id} exists already.`);
      }
      requireFollowing(null, first);
      remember(connection, once, first.run.createdAt);
      insert(connection, first);
      return first.run;
    }),
  get: async (id) => find(connection, id),
  update: async (id, decide) =>
    write(connection, () => {
      const before = find(connection, id);
      if (before === null) throw new DomainError('not_found', `There is no run ${id}.`);
      const decision = decide(before);
      if (decision.run === before && decision.events.length === 0) return before;
      requireFollowing(before, decision);
      change(connection, before, decision);
      return decision.run;
    }),
  findClaimable: async (now, limit, except = []) => findClaimable(connection, now, limit, except),
  list: async (filter, page) => listRuns(connection, filter, page),
  events: async (id, after, limit, maxChars = Number.POSITIVE_INFINITY) => {
    let chars = 0;
    const enough = (row: Row): boolean => {
      chars += String(row.data).length;
      return chars >= maxChars;
    };
    const sql = 'SELECT * FROM events WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?';
    return connection.until(enough, sql, id, after, limit).map(decodeEvent);
  },
  usage: async (query) => sumUsage(connection, query),
  agentTotals: async (ids) => new Map(ids.map((id) => [id, totalsOf(connection, id)])),
  purge: async (before, limit) =>
    connection
      .all(
        'DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE ended_at < ? ORDER BY ended_at, id LIMIT ?) RETURNING id',
        before,
        limit,
      )
      .map((row) => runId(row, 'id')),
});
