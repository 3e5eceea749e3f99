/** What the run's reader should know of the model service, said at most once a minute for each cause. */
import type { Clock } from '../ports/clock.ts';

const QUIET_MS = 60_000;

export interface Notices {
  /** Tells `text`, unless the same cause was told of within the last minute; the next telling counts those. */
  tell(cause: string, text: string): Promise<void>;
}

export const createNotices = (clock: Clock, write: (text: string) => Promise<void>): Notices => {
  const told = new Map<string, { at: number; unsaid: number }>();
  return {
    async tell(cause, text) {
      const last = told.get(cause);
      if (last !== undefined && clock.now() - last.at < QUIET_MS) {
        last.unsaid += 1;
        return;
      }
      told.set(cause, { at: clock.now(), unsaid: 0 });
      const more = last === undefined || last.unsaid === 0 ? '' : ` (and ${last.unsaid} times since it was last noted)`;
      await write(`${text}${more}`);
    },
  };
};

/** The text for an answer that the run's reader should know of; null for the others. */
export const noticeOf = (status: number, retryAfter: string | null): string | null => {
  if (status !== 429 && status < 500) return null;
  const meaning = status === 429 ? 'rate or usage limit' : status === 529 ? 'overloaded' : 'server error';
  const wait = retryAfter === null ? '' : `; retry-after: ${retryAfter}`;
  return `The model service answered ${status} (${meaning})${wait}.`;
};
