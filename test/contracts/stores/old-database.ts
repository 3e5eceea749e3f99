/**
 * What a database of each earlier version could hold, written by plain statements as that version had them. Once a
 * version is released, its part here is never edited, as its migration is not.
 */
import type { Run } from '../../../src/core/run.ts';
import { encodeRun } from '../../../src/stores/sqlite/codec.ts';
import type { Connection } from '../../../src/stores/sqlite/connection.ts';
import { ALICE, NOW, newAgent, newApiKey, newConversation, newIdempotencyRecord, newMessage } from './fixtures.ts';
import { insertRun, meterRun, runningRun } from './run-lives.ts';
import { openTemporarySqlite } from './temporary-sqlite.ts';

export const AGENT = newAgent({ name: 'Old hand', revision: 2, nextFireAt: NOW });
export const EARLIER_AGENT = { ...AGENT, name: 'Young hand', revision: 1 };
export const CONVERSATION = newConversation({ lastSeq: 1 });
export const MESSAGE = newMessage();
export const KEY = newApiKey();
export const RECORD = newIdempotencyRecord();
export const SECRET = new Uint8Array(32).fill(7);

/** Three runs: of an agent and costed, without one and of unknown cost, and queued. */
export const makeRuns = async (): Promise<readonly [costed: Run, unknown: Run, queued: Run]> => {
  const other = await openTemporarySqlite();
  try {
    const { runs } = other.stores;
    const costed = await runningRun(runs, { agentId: AGENT.id });
    const unknown = await runningRun(runs);
    return [
      await meterRun(runs, costed, { inputTokens: 1_000_000, outputTokens: 3, cacheReadTokens: 2 }),
      await meterRun(runs, unknown, { model: 'mystery', outputTokens: 5 }),
      await insertRun(runs),
    ];
  } finally {
    await other.close();
  }
};

const fillRuns = (connection: Connection, runs: readonly Run[]): void => {
  for (const run of runs) {
    const { doc, status, live, claimAt, endedAt } = encodeRun(run);
    const { id, userId, agentId, conversationId, createdAt, lastSeq } = run;
    const identity = [id, userId, agentId, conversationId, createdAt, lastSeq];
    connection.run(
      `INSERT INTO runs (id, user_id, agent_id, conversation_id, created_at, last_seq, status, live, claim_at, ended_at,
         doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[...identity, status, live, claimAt, endedAt, doc],
    );
    connection.run('INSERT INTO tasks (run_id, task) VALUES (?, ?)', id, JSON.stringify(run.task));
    for (let seq = 1; seq <= lastSeq; seq += 1) {
      connection.run(
        'INSERT INTO events (run_id, seq, at, type, data) VALUES (?, ?, ?, ?, ?)',
        ...[id, seq, NOW, 'run.running', '{"attempt":1}'],
      );
    }
  }
};

const fillAgents = (connection: Connection): void => {
  connection.run(
    'INSERT INTO agents (id, user_id, created_at, revision, due_at, doc) VALUES (?, ?, ?, ?, ?, ?)',
    ...[AGENT.id, ALICE, NOW, 2, NOW, JSON.stringify(AGENT)],
  );
  connection.run(
    'INSERT INTO agent_revisions (agent_id, revision, doc) VALUES (?, ?, ?)',
    ...[AGENT.id, 1, JSON.stringify(EARLIER_AGENT)],
  );
};

const fillConversations = (connection: Connection): void => {
  connection.run(
    'INSERT INTO conversations (id, user_id, updated_at, doc) VALUES (?, ?, ?, ?)',
    ...[CONVERSATION.id, ALICE, NOW, JSON.stringify(CONVERSATION)],
  );
  connection.run(
    'INSERT INTO messages (conversation_id, seq, doc) VALUES (?, ?, ?)',
    ...[CONVERSATION.id, 1, JSON.stringify(MESSAGE)],
  );
};

const fillAccess = (connection: Connection): void => {
  connection.run(
    'INSERT INTO api_keys (id, user_id, name, hash, prefix, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    ...[KEY.id, ALICE, KEY.name, KEY.hash, KEY.prefix, NOW],
  );
  connection.run(
    'INSERT INTO idempotency (user_id, key, fingerprint, answer, expires_at) VALUES (?, ?, ?, ?, ?)',
    ...[ALICE, RECORD.key, RECORD.fingerprint, JSON.stringify(RECORD.answer), RECORD.expiresAt],
  );
  connection.run('INSERT INTO secrets (name, value) VALUES (?, ?)', 'old', SECRET);
};

/** Fills a database of `version`. */
export const fillAsOf = (connection: Connection, version: number, runs: readonly Run[]): void => {
  if (version >= 1) fillRuns(connection, runs);
  if (version >= 2) fillAgents(connection);
  if (version >= 3) fillConversations(connection);
  if (version >= 4) fillAccess(connection);
};
