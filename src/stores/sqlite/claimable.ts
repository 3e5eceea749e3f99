/**
 * Which runs a worker should take next.
 *
 * Fair between users: everybody's oldest run comes before anybody's second, and among equals who has fewer live runs
 * comes first. Only the index of open runs is read: it is skipped through user by user, so that one user's hundred
 * thousand runs cost no more than their first few.
 */
import type { Instant, RunId } from '../../core/ids.ts';
import { runId } from './codec.ts';
import type { Connection } from './connection.ts';

/**
 * `users`: who has an open run. `heads`: their oldest claimable one. `candidates`: only the heads where those are
 * enough, since every head comes before every other; else as many of each user as were asked for.
 */
const SQL = `
  WITH RECURSIVE
  users (user_id) AS (
    SELECT * FROM (SELECT user_id FROM runs WHERE claim_at IS NOT NULL ORDER BY user_id LIMIT 1)
    UNION ALL
    SELECT (SELECT user_id FROM runs WHERE claim_at IS NOT NULL AND user_id > users.user_id ORDER BY user_id LIMIT 1)
    FROM users WHERE user_id IS NOT NULL
  ),
  heads (user_id) AS MATERIALIZED (
    SELECT user_id FROM users WHERE user_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM runs WHERE user_id = users.user_id AND claim_at <= ?1
        AND id NOT IN (SELECT value FROM json_each(?3))
    )
  ),
  candidates AS (
    SELECT runs.user_id, runs.id, runs.created_at FROM heads CROSS JOIN runs ON runs.id IN (
      SELECT id FROM runs WHERE user_id = heads.user_id AND claim_at <= ?1
        AND id NOT IN (SELECT value FROM json_each(?3))
      ORDER BY created_at, id LIMIT (SELECT CASE WHEN count(*) >= ?2 THEN 1 ELSE ?2 END FROM heads)
    )
  ),
  ranked AS (
    SELECT id, created_at, row_number() OVER (PARTITION BY user_id ORDER BY created_at, id) AS rank,
      (SELECT count(*) FROM runs WHERE user_id = candidates.user_id AND live = 1) AS live_runs
    FROM candidates
  )
  SELECT id FROM ranked ORDER BY rank, live_runs, created_at, id LIMIT ?2`;

export const findClaimable = (connection: Connection, now: Instant, limit: number, except: readonly RunId[]): RunId[] =>
  connection.all(SQL, now, limit, JSON.stringify(except)).map((row) => runId(row, 'id'));
