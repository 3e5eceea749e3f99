/**
 * Which runs a worker should take next.
 *
 * Fair between users: everybody's oldest run comes before anybody's second, and among equals who has fewer live runs
 * comes first. Where few runs are claimable, one query finds them all, and they are put in order here. Where there are
 * many, the users are skipped through one by one, so that one user's hundred thousand runs cost no more than their first
 * few; of each, the longest due are taken.
 */
import type { Instant, RunId, UserId } from '../../core/ids.ts';
import { number, runId, userId } from './codec.ts';
import type { Connection, Stored } from './connection.ts';

/** So many claimable runs are read at most before the users are gone through. Each is a read that is paid for. */
const FEW = 100;
/** Users that are gone through in one look. */
const MOST_USERS = 200;

const FIELDS = ['userId', 'createdAt'];

interface Candidate {
  readonly id: RunId;
  readonly userId: UserId;
  readonly createdAt: Instant;
}

const candidateOf = (stored: Stored): Candidate => ({
  id: runId(stored),
  userId: userId(stored.fields),
  createdAt: number(stored.fields, 'createdAt'),
});

const oldestFirst = (a: Candidate, b: Candidate): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

/** Who has an open run, from one user to the next. */
const usersWithOpenRuns = async (connection: Connection): Promise<UserId[]> => {
  const users: UserId[] = [];
  while (users.length < MOST_USERS) {
    const last = users.at(-1);
    const [next] = await connection.find({
      collection: 'runs',
      where: [['open', '==', true], ...(last === undefined ? [] : ([['userId', '>', last]] as const))],
      orderBy: [['userId', 'asc']],
      limit: 1,
      fields: ['userId'],
    });
    if (next === undefined) break;
    users.push(userId(next.fields));
  }
  return users;
};

const ofEachUser = async (
  connection: Connection,
  now: Instant,
  limit: number,
  except: ReadonlySet<RunId>,
): Promise<Candidate[]> => {
  const users = await usersWithOpenRuns(connection);
  const found = await Promise.all(
    users.map((user) =>
      connection.find({
        collection: 'runs',
        where: [
          ['userId', '==', user],
          ['claimAt', '<=', now],
        ],
        orderBy: [['claimAt', 'asc']],
        limit: (users.length > limit ? 1 : limit) + except.size,
        fields: FIELDS,
      }),
    ),
  );
  return found.flat().map(candidateOf);
};

/** Those in `except` are read, too: no query leaves documents out by their id and orders the others by a field. */
const candidates = async (
  connection: Connection,
  now: Instant,
  limit: number,
  except: ReadonlySet<RunId>,
): Promise<Candidate[]> => {
  const most = Math.max(FEW, limit + 1) + except.size;
  const few = await connection.find({
    collection: 'runs',
    where: [['claimAt', '<=', now]],
    orderBy: [['claimAt', 'asc']],
    limit: most,
    fields: FIELDS,
  });
  const found = few.length < most ? few.map(candidateOf) : await ofEachUser(connection, now, limit, except);
  return found.filter(({ id }) => !except.has(id));
};

const liveRunsOf = async (connection: Connection, users: readonly UserId[]): Promise<Map<UserId, number>> => {
  // One user alone is in no competition.
  if (users.length < 2) return new Map();
  const counts = users.map(async (user) => {
    const where = [
      ['userId', '==', user],
      ['live', '==', true],
    ] as const;
    return [user, await connection.count({ collection: 'runs', where })] as const;
  });
  return new Map(await Promise.all(counts));
};

export const findClaimable = async (
  connection: Connection,
  now: Instant,
  limit: number,
  except: ReadonlySet<RunId>,
): Promise<RunId[]> => {
  if (limit === 0) return [];
  const found = (await candidates(connection, now, limit, except)).sort(oldestFirst);
  const live = await liveRunsOf(connection, [...new Set(found.map((candidate) => candidate.userId))]);
  const seen = new Map<UserId, number>();
  return found
    .map((candidate) => {
      const rank = seen.get(candidate.userId) ?? 0;
      seen.set(candidate.userId, rank + 1);
      return { candidate, rank, live: live.get(candidate.userId) ?? 0 };
    })
    .sort((a, b) => a.rank - b.rank || a.live - b.live || oldestFirst(a.candidate, b.candidate))
    .slice(0, limit)
    .map(({ candidate }) => candidate.id);
};
