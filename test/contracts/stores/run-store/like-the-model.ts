import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conclude } from '../../../../src/core/conclusion.ts';
import type { Instant, RunId } from '../../../../src/core/ids.ts';
import { END_REASONS, type Run } from '../../../../src/core/run.ts';
import * as decide from '../../../../src/core/transitions.ts';
import type { RunStore } from '../../../../src/ports/run-store.ts';
import {
  ALICE,
  BOB,
  DAY,
  NOW,
  newAgentId,
  newConversationId,
  newIdempotencyRecord,
  newRun,
  SECOND,
} from '../fixtures.ts';
import { createModelRunStore } from '../model.ts';
import type { OpenStores } from '../opened.ts';
import { refusal } from '../outcomes.ts';
import { reading, recording } from '../run-lives.ts';
import { observe } from './observe.ts';

const USERS = [ALICE, BOB];
const AGENTS = [newAgentId(), newAgentId()];
const CONVERSATIONS = [newConversationId()];
const KEYS = ['key-1', 'key-2'];

/** A call that is made on the store and on the model alike; gives what can be compared. */
type Call = (store: RunStore) => Promise<unknown>;
/** One step of a sequence, once it is known which runs there are and what time it is. */
type Step = (runs: readonly RunId[], now: Instant) => { readonly call: Call; readonly inserts?: RunId };
type Change = (run: Run, token: number, now: Instant) => decide.Decision;

const constant = fc.constant<Change>;

// Tokens come in thousands, so that costs are whole in the sixth decimal and sums of them can be compared.
const answer = fc.record({
  model: fc.constantFrom('claude-haiku-4-5', 'claude-opus-4-5', 'mystery'),
  inputTokens: fc.integer({ min: 0, max: 9 }).map((thousands) => thousands * 1_000),
});

/** The way of most runs, so that a sequence of few steps gets somewhere. */
const goOn: Change = (run, token, now) => {
  if (run.state.status === 'starting') return decide.started(run, token, 'place', { lines: 0 }, now);
  if (run.state.status === 'running') return decide.record(run, token, recording(['more'], run.lastSeq), now);
  return decide.claim(run, 'worker', 60 * SECOND, now);
};

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 12, arbitrary: constant(goOn) },
  { weight: 2, arbitrary: constant((run, _, now) => decide.claim(run, 'worker', 60 * SECOND, now)) },
  { weight: 1, arbitrary: constant((run, token, now) => decide.started(run, token, 'place', { lines: 0 }, now)) },
  { weight: 2, arbitrary: constant((run, token, now) => decide.startFailed(run, token, 'busy', null, now)) },
  { weight: 1, arbitrary: constant((run, token, now) => decide.renew(run, token, 90 * SECOND, now)) },
  { weight: 1, arbitrary: constant((run, token, now) => decide.handOver(run, token, now)) },
  {
    weight: 3,
    arbitrary: fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 }).map(
      (texts): Change =>
        (run, token, now) =>
          decide.record(run, token, recording(texts, run.lastSeq), now),
    ),
  },
  {
    weight: 3,
    arbitrary: answer.map(
      (seen): Change =>
        (run, _, now) =>
          decide.recordUsage(run, reading(seen), now),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...END_REASONS).map(
      (reason): Change =>
        (run, _, now) =>
          decide.requestStop(run, reason, null, now),
    ),
  },
  { weight: 2, arbitrary: constant((run, token, now) => decide.settle(run, token, conclude.placeLost(), [], now)) },
);

const insertion: fc.Arbitrary<Step> = fc
  .record({
    userId: fc.constantFrom(...USERS),
    agentId: fc.constantFrom(null, ...AGENTS),
    conversationId: fc.constantFrom(null, ...CONVERSATIONS),
    key: fc.option(fc.constantFrom(...KEYS), { freq: 3 }),
    skipped: fc.boolean(),
    again: fc.nat(9),
  })
  .map(({ key, skipped, again, ...owner }) => (runs, now) => {
    // Now and then a run that exists already.
    const id = again === 0 ? (runs.at(-1) ?? newRun().id) : newRun().id;
    const input = newRun({ ...owner, id });
    const first = skipped && again > 6 ? decide.skip(input, 'dropped', now) : decide.queue(input, now);
    const once = key === null ? null : newIdempotencyRecord({ userId: owner.userId, key, expiresAt: now + DAY });
    return { call: (store) => store.insert(first, once), inserts: id };
  });

const alteration: fc.Arbitrary<Step> = fc
  .record({ target: fc.nat(), stale: fc.nat(9), change })
  .map(({ target, stale, change: apply }) => (runs, now) => {
    // The newest ones, since old ones are over; one that is not there when there is none.
    const id = runs.at(-1 - (target % 4)) ?? runs[0] ?? newRun().id;
    return {
      call: (store) => store.update(id, (run) => apply(run, stale === 0 ? run.leaseToken - 1 : run.leaseToken, now)),
    };
  });

const purge: fc.Arbitrary<Step> = fc
  .record({ ageMs: fc.constantFrom(0, 60 * SECOND, DAY), limit: fc.integer({ min: 1, max: 3 }) })
  .map(({ ageMs, limit }) => (_, now) => ({
    call: async (store) => [...(await store.purge(now - ageMs, limit))].sort(),
  }));

const waitMs = fc.constantFrom(0, 0, 1, SECOND, SECOND, 61 * SECOND, DAY / 2);
const step = fc.oneof(
  { weight: 5, arbitrary: insertion },
  { weight: 14, arbitrary: alteration },
  { weight: 1, arbitrary: purge },
);
const sequence = fc
  .tuple(
    fc.record({ waitMs, step: insertion }),
    fc.array(fc.record({ waitMs, step }), { minLength: 8, maxLength: 40, size: 'max' }),
  )
  .map(([first, rest]) => [first, ...rest]);

/** What a call gave, or the code that it was refused with. */
const outcomeOf = async (store: RunStore, call: Call): Promise<unknown> => {
  let value: unknown = null;
  const code = await refusal(
    call(store).then((given) => {
      value = given;
    }),
  );
  return code ?? value;
};

/** @param numRuns how many sequences: fewer where each call goes over a network */
export const describeModel = (open: OpenStores, numRuns: number): void => {
  describe('any sequence of calls', () => {
    it('leaves the store like the model', { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(sequence, async (steps) => {
          const opened = await open();
          try {
            const model = createModelRunStore();
            const { runs: store } = opened.stores;
            const runs: RunId[] = [];
            let now = NOW;
            for (const next of steps) {
              now += next.waitMs;
              const { call, inserts } = next.step(runs, now);
              if (inserts !== undefined && !runs.includes(inserts)) runs.push(inserts);
              expect(await outcomeOf(store, call)).toEqual(await outcomeOf(model, call));
              const world = { runs, users: USERS, agents: AGENTS, conversations: CONVERSATIONS, now };
              expect(await observe(store, world)).toEqual(await observe(model, world));
            }
          } finally {
            await opened.close();
          }
        }),
        { numRuns },
      );
    });
  });
};
