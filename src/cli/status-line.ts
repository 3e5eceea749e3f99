/** One line at the foot of a terminal that says what goes on; nothing at all where there is no terminal. */
import { oneLine, outputWidth } from './print.ts';
import { duration } from './times.ts';

const EVERY_MS = 1_000;
const CLEAR = '\r\u001b[2K';

export interface StatusLine {
  /** What the line says from now on. */
  set(text: string): void;
  /** Prints something above the line. */
  above(print: () => void): void;
  /** Leaves the terminal to a question: until `resume`, what is to be printed waits. */
  pause(): void;
  resume(): void;
  close(): void;
}

const SILENT: StatusLine = {
  set: () => undefined,
  above: (print) => print(),
  pause: () => undefined,
  resume: () => undefined,
  close: () => undefined,
};

/** Opens the line on standard error, when both streams are terminals. */
export const openStatusLine = (now: () => number): StatusLine => {
  if (!process.stderr.isTTY || !process.stdout.isTTY) return SILENT;
  const began = now();
  let text = '';
  let waiting: (() => void)[] | null = null;
  const draw = (): void => {
    if (text === '' || waiting !== null) return;
    process.stderr.write(
      `${CLEAR}${oneLine(`${text} · ${duration(now() - began)} · Ctrl-C to stop`, outputWidth() - 1)}`,
    );
  };
  const clear = (): void => {
    if (text !== '' && waiting === null) process.stderr.write(CLEAR);
  };
  const release = (): void => {
    const prints = waiting ?? [];
    waiting = null;
    for (const print of prints) print();
  };
  const timer = setInterval(draw, EVERY_MS);
  return {
    set: (next) => {
      clear();
      text = next;
      draw();
    },
    above: (print) => {
      clear();
      if (waiting === null) print();
      else waiting.push(print);
      draw();
    },
    pause: () => {
      clear();
      waiting ??= [];
    },
    resume: () => {
      release();
      draw();
    },
    close: () => {
      clearInterval(timer);
      release();
      clear();
      text = '';
    },
  };
};
