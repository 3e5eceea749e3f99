/**
 * The log object of a build. It grows while the build runs only with STREAM_ON; by default all of it comes at the end.
 * Cloud Storage takes about one write a second to an object, so lines gather for that long.
 */
import type { Build } from './build.ts';
import type { Objects } from './objects.ts';

export interface BuildLog {
  /** A line of Cloud Build's own. */
  say(text: string): void;
  /** Text that a step printed on one of its streams. */
  print(step: number, stream: 'stdout' | 'stderr', text: string): void;
  /** A step has ended: an unfinished line counts as a line. */
  endStep(step: number): void;
  /** All that was said is in the object afterwards. */
  close(): Promise<void>;
}

export interface LogPace {
  /** Between two writes; in reality a second. */
  readonly flushMs: number;
  /** How much later a line comes than it was printed. */
  readonly lateMs: number;
}

export const openBuildLog = (build: Build, objects: Objects, pace: LogPace): BuildLog => {
  const target = build.logsBucket;
  const multi = build.steps.length > 1;
  const partial = new Map<string, string>();
  let waiting = '';
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const text = waiting;
    waiting = '';
    if (target !== null && text !== '') {
      writing = writing.then(() => objects.append(target.bucket, `${target.prefix}log-${build.id}.txt`, text));
    }
    return writing;
  };
  const add = (text: string): void => {
    waiting += text;
    if (!build.streamsLog || timer !== null) return;
    timer = setTimeout(() => void flush(), pace.flushMs + pace.lateMs);
  };
  const prefixOf = (step: number): string => {
    if (!multi) return '';
    const id = build.steps[step]?.id ?? null;
    return id === null ? `Step #${step}: ` : `Step #${step} - ${JSON.stringify(id)}: `;
  };

  return {
    say: (text) => add(`${text}\n`),
    print: (step, stream, text) => {
      const key = `${step} ${stream}`;
      const lines = `${partial.get(key) ?? ''}${text}`.split('\n');
      partial.set(key, lines.pop() ?? '');
      if (lines.length > 0) add(lines.map((line) => `${prefixOf(step)}${line}\n`).join(''));
    },
    endStep: (step) => {
      for (const stream of ['stdout', 'stderr']) {
        const rest = partial.get(`${step} ${stream}`) ?? '';
        partial.delete(`${step} ${stream}`);
        if (rest !== '') add(`${prefixOf(step)}${rest}\n`);
      }
    },
    close: flush,
  };
};
