/** How an execution ended: as its runner wrote it down, or else as Cloud Build tells it. */
import { END_REASONS, type EndReason } from '../../core/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Exit } from '../../ports/executor.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Place } from './names.ts';
import { isSame, sign } from './runner/frame.ts';
import { type EndFile, OBJECTS } from './runner/job-file.ts';
import { isFinal } from './status.ts';
import type { Google } from './transport.ts';
import type { Sight, Watcher } from './watcher.ts';

export interface ExitSource {
  readonly google: Google;
  readonly watcher: Watcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly place: Place;
  readonly buildId: string;
}

export interface ExitWatch {
  readonly exit: Promise<Exit>;
  /** Whether `exit` has resolved. */
  over(): boolean;
  /** Look now: something says that it has ended. */
  ring(): void;
}

/** When nobody said anything: the watcher normally does. */
const LOOK_MS = 30_000;
const AFTER_FAILURE_MS = 1_000;
const LOST: Exit = { code: null, signal: null, endedBy: null, limitsHit: [], lost: true };

/** What the runner wrote, signed for a purpose; null before. What is not signed by it is nobody's word. */
export const readSigned = async (
  google: Pick<Google, 'read'>,
  place: Place,
  name: string,
  purpose: string,
): Promise<string | null> => {
  const text = (await google.read(`${place.results}${name}`))?.toString() ?? null;
  if (text === null) return null;
  const at = text.indexOf('\n');
  const content = text.slice(at + 1);
  return isSame(text.slice(0, at), sign(place.key, `${purpose}${content}`)) ? content : null;
};

/** The runner's last word; null before. */
export const readEnd = async (google: Pick<Google, 'read'>, place: Place): Promise<EndFile | null> => {
  const text = await readSigned(google, place, OBJECTS.end, '');
  // Decoder of our own runner's file, which the signature says it is.
  return text === null ? null : (JSON.parse(text) as EndFile);
};

/** Why the end of a place was asked for; null when nobody did. */
export const readReason = async (google: Pick<Google, 'read'>, place: Place): Promise<EndReason | null> => {
  const text = (await google.read(`${place.results}${OBJECTS.kill}`))?.toString() ?? null;
  return reasonIn(text);
};

const reasonIn = (text: string | null): EndReason | null => END_REASONS.find((reason) => reason === text) ?? null;

/** Never rejects; resolves when nothing of the execution is alive. */
export const watchExit = (source: ExitSource): ExitWatch => {
  let waiting = new AbortController();
  let sight: Sight | null = null;
  const ring = (): void => waiting.abort();
  const unwatch = source.watcher.watch(source.buildId, (seen) => {
    if (!isFinal(seen.status)) return;
    sight = seen;
    ring();
  });
  const look = async (): Promise<Exit | null> => {
    // Before the object: what was written before the final status is read after it.
    const final = sight;
    const end = await readEnd(source.google, source.place);
    if (end !== null) return exitFrom(end);
    return final === null ? null : await exitOf(source, final);
  };
  const loop = async (): Promise<Exit> => {
    for (;;) {
      waiting = new AbortController();
      try {
        const exit = await look();
        if (exit !== null) return exit;
        await source.clock.sleep(LOOK_MS, waiting.signal);
      } catch (error) {
        source.logger.warn(
          { err: error, ref: source.place.ref },
          'the end of a build could not be read; it is tried again',
        );
        await source.clock.sleep(AFTER_FAILURE_MS);
      }
    }
  };
  let over = false;
  const exit = loop().finally(() => {
    over = true;
    unwatch();
  });
  return { exit, over: () => over, ring };
};

const exitFrom = (end: EndFile): Exit => ({
  code: end.code,
  signal: end.signal,
  endedBy: reasonIn(end.killed),
  limitsHit: end.limitsHit,
  lost: false,
});

/** The build is over, and its runner said nothing: it was ended with everything in it. */
const exitOf = async (source: ExitSource, { status, detail }: Sight): Promise<Exit> => {
  const endedBy = await readReason(source.google, source.place);
  const forced: Exit = { code: null, signal: 'SIGKILL', endedBy, limitsHit: [], lost: false };
  if (status === 'CANCELLED' && endedBy !== null) return forced;
  if (status === 'TIMEOUT') return { ...forced, limitsHit: ['deadline'] };
  const { ref } = source.place;
  source.logger.warn({ ref, build: source.buildId, status, detail }, 'a build ended without a word of its runner');
  return LOST;
};
