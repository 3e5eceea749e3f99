/** One place: a script that prints in virtual time, whoever watches. */
import type { EndReason } from '../../../../src/core/run.ts';
import type { Exit, Job } from '../../../../src/ports/executor.ts';
import type { Timeline } from './timeline.ts';

export type PlaceStep =
  | { readonly wait: number }
  | { readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly exit: number };

export interface Place {
  readonly ref: string;
  readonly job: Job;
  readonly startedAt: number;
  readonly text: { stdout: string; stderr: string };
  /** When each piece was printed, and where it ends. */
  readonly printed: {
    readonly at: number;
    readonly stream: 'stdout' | 'stderr';
    readonly end: number;
  }[];
  exit: Exit | null;
  /** Vanished: nothing of it can be read any more. */
  gone: boolean;
  readonly ended: Promise<Exit>;
  end(exit: Partial<Exit>, endedBy?: EndReason): void;
  /** Resolves when something was printed or the place has ended. */
  changed(): Promise<void>;
}

/** A script that ends without an exit hangs until it is killed. */
export const openPlace = (timeline: Timeline, ref: string, job: Job, script: readonly PlaceStep[]): Place => {
  let waiters: (() => void)[] = [];
  const over = Promise.withResolvers<Exit>();
  const ring = (): void => {
    const woken = waiters;
    waiters = [];
    for (const wake of woken) wake();
  };
  const place: Place = {
    ref,
    job,
    startedAt: timeline.now(),
    text: { stdout: '', stderr: '' },
    printed: [],
    exit: null,
    gone: false,
    ended: over.promise,
    end: (exit, endedBy) => {
      if (place.exit !== null) return;
      place.exit = {
        code: null,
        signal: null,
        endedBy: endedBy ?? null,
        limitsHit: [],
        lost: false,
        ...exit,
      };
      over.resolve(place.exit);
      ring();
    },
    changed: () => new Promise((resolve) => waiters.push(resolve)),
  };
  const play = (from: number): void => {
    for (let at = from; at < script.length && place.exit === null; at += 1) {
      const step = script[at];
      if (step === undefined) return;
      if ('wait' in step) {
        timeline.at(timeline.now() + step.wait, () => play(at + 1));
        return;
      }
      if ('exit' in step) {
        place.end({ code: step.exit });
        return;
      }
      place.text[step.stream] += step.text;
      place.printed.push({
        at: timeline.now(),
        stream: step.stream,
        end: place.text[step.stream].length,
      });
      ring();
    }
  };
  play(0);
  return place;
};

/** The whole lines of a text and the unfinished last one, empty ones left out. */
export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** What the simulated harness makes messages of. */
export const messagesIn = (text: string): string[] =>
  linesOf(text)
    .map((line) => line.split(' '))
    .filter(([verb]) => verb !== 'done' && verb !== 'deny')
    .map(([, ...words]) => words.join(' '));

/** Printed more than it may, so that not all of it is read. */
export const isFlood = ({ text, job }: Place): boolean =>
  text.stdout.length + text.stderr.length > job.limits.maxOutputBytes;

/** Whether a line ends at `end` that makes an event; other lines may wait for one that does. */
export const isMessageAt = (text: string, end: number): boolean => {
  const line = text.slice(text.lastIndexOf('\n', end - 2) + 1, end);
  return line.endsWith('\n') && !line.startsWith('done ') && !line.startsWith('deny ');
};
