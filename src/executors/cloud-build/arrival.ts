/** From the order for a build to its program's start: waits in the queue, for the machine, and for the first step. */
import { DomainError } from '../../core/errors.ts';
import { MOST_TRIES, nextTryMs } from '../../core/repeating.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { StartWatch } from '../../ports/executor.ts';
import { createArrivalNotes } from './arrival-notes.ts';
import { readSigned } from './exit.ts';
import { isPassing, statusOf } from './failures.ts';
import type { Place } from './names.ts';
import type { PreparationStep } from './preparation.ts';
import { type FailureFile, OBJECTS } from './runner/job-file.ts';
import type { Prepared } from './runner/preparation.ts';
import { buildStatus, explainEarlyEnd, isFinal } from './status.ts';
import type { Build } from './translate.ts';
import type { Google } from './transport.ts';
import type { Sight, Watcher } from './watcher.ts';

export interface ArrivalSource {
  readonly google: Google;
  readonly watcher: Watcher;
  readonly clock: Clock;
  readonly random: Random;
  /** Between two looks whether the program was started. */
  readonly lookMs: number;
}

/** Id of the build that has claimed the attempt; null when none has yet. */
export const claimant = async (google: Pick<Google, 'read'>, place: Place): Promise<string | null> =>
  (await google.read(`${place.results}${OBJECTS.inside}`))?.toString() ?? null;

/** Stands in the place of a build's id: nobody may claim the attempt any more. */
export const BROKEN_OFF = 'broken off';

/** Takes the claim, so that no build can; false when one has it. */
const breakOff = (google: Pick<Google, 'putOnce'>, place: Place): Promise<boolean> =>
  google.putOnce(`${place.results}${OBJECTS.inside}`, Buffer.from(BROKEN_OFF));

interface Ordered {
  readonly id: string;
  readonly isOver: boolean;
}

/** Builds that were ordered for a place, the newest first. */
const ordered = async (google: Pick<Google, 'page'>, place: Place): Promise<readonly Ordered[]> => {
  const { builds } = await google.page(`tags="${place.tag}"`, null);
  return builds.flatMap(({ id, status }) =>
    typeof id === 'string' ? [{ id, isOver: isFinal(buildStatus(status)) }] : [],
  );
};

/** Those of them that are not over. */
export const liveBuilds = async (google: Pick<Google, 'page'>, place: Place): Promise<readonly string[]> =>
  (await ordered(google, place)).flatMap(({ id, isOver }) => (isOver ? [] : [id]));

/**
 * Orders a build, or finds the one that was ordered. Cloud Build has no request ids: when an answer was lost, the tag
 * tells whether the build is there. Should it come to two all the same, only one of them gets the claim.
 *
 * @param isFirst nobody can have ordered one before, so that the first try need not look: calls are counted
 */
export const orderBuild = async (
  source: ArrivalSource,
  place: Place,
  build: Build,
  isFirst: boolean,
): Promise<string> => {
  const { google, clock, random } = source;
  let earlier: ReadonlySet<string> = new Set();
  for (let tries = 1; ; tries += 1) {
    const there = isFirst && tries === 1 ? [] : await ordered(google, place);
    // One that is over was ordered by somebody who gave up, unless it came with this call: then it was quick.
    const found = there.findLast(({ id, isOver }) => !isOver || (tries > 1 && !earlier.has(id)));
    if (found !== undefined) return found.id;
    if (tries === 1) earlier = new Set(there.map(({ id }) => id));
    try {
      return await google.create(build);
    } catch (error) {
      // After 429 nothing was created; after anything else that may pass it is not known, and the same attempt has to
      // be tried again.
      if (!isPassing(error) || (tries === MOST_TRIES && statusOf(error) === 429))
        throw await google.explainCreate(error);
      if (tries === MOST_TRIES) {
        throw new DomainError('internal', 'Cloud Build did not say whether it has the build.', { cause: error });
      }
      await clock.sleep(nextTryMs(tries, random.float()));
    }
  }
};

/** Why the runner could not prepare the place; null when it said nothing. */
const readFailure = async (google: Pick<Google, 'read'>, place: Place): Promise<DomainError | null> => {
  const text = await readSigned(google, place, OBJECTS.failed, 'failed ');
  if (text === null) return null;
  // Decoder of our own runner's file, which the signature says it is.
  const { code, message, hint } = JSON.parse(text) as FailureFile;
  return new DomainError(code, message, { hint });
};

/** How long each step of the preparation took; a missing word costs the figure alone. */
const readDurations = async (google: Pick<Google, 'read'>, place: Place): Promise<readonly number[]> => {
  try {
    const text = (await google.read(`${place.results}${OBJECTS.prepared}`))?.toString() ?? '[]';
    // Decoder of our own runner's file.
    const prepared = JSON.parse(text) as readonly Prepared[];
    return prepared.map(({ durationMs }) => durationMs);
  } catch {
    return [];
  }
};

/**
 * Resolves with the id of the build that runs the program; throws when none ever will. `start_aborted` when the signal of
 * `watch` came first: nothing of the build runs then, unless it had claimed the attempt already.
 */
export const awaitArrival = async (
  source: ArrivalSource,
  place: Place,
  buildId: string,
  watch: StartWatch | null,
  steps: readonly PreparationStep[],
): Promise<string> => {
  const { google, watcher, clock } = source;
  const last: { sight: Sight | null } = { sight: null };
  let waiting = new AbortController();
  const ring = (): void => waiting.abort();
  watch?.signal.addEventListener('abort', ring);
  const unwatch = watcher.watch(buildId, (seen) => {
    last.sight = seen;
    ring();
  });
  const notes = createArrivalNotes(watch, clock, buildId, steps);
  try {
    for (;;) {
      waiting = new AbortController();
      // Before the object: whoever has ended may have claimed before.
      const seen = last.sight;
      const aborted = watch?.signal.aborted === true;
      const id = await claimant(google, place);
      if (id !== null) {
        await notes.arrived(() => readDurations(google, place));
        return id;
      }
      if (seen !== null && isFinal(seen.status)) {
        throw (await readFailure(google, place)) ?? explainEarlyEnd(seen.status, buildId, seen.detail);
      }
      if (aborted && (await breakOff(google, place))) {
        throw new DomainError('start_aborted', 'The start was broken off while it waited for a machine.');
      }
      if (seen !== null) await notes.seen(seen.status);
      await clock.sleep(source.lookMs, waiting.signal);
    }
  } finally {
    unwatch();
    watch?.signal.removeEventListener('abort', ring);
  }
};
