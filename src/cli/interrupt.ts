/**
 * Ctrl-C while a run is watched. On a terminal the question is asked first; in a pipe nobody could answer, so the
 * first signal cancels. A signal after that ends the command at once: the wish to cancel is with the server by then.
 */
import { createInterface } from 'node:readline/promises';
import { EXIT } from './exit-codes.ts';
import { complain } from './print.ts';

/** What the person wants. */
type Wish = 'cancel' | 'detach' | 'watch';

export interface InterruptOptions {
  /** Whether the run would go on without this process. */
  readonly mayDetach: boolean;
  readonly cancel: () => Promise<void>;
  readonly detach: () => void;
  /** Told before the question and after its answer, so that nothing is printed into it. */
  readonly asking: (begins: boolean) => void;
}

const ask = async (mayDetach: boolean): Promise<Wish> => {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new Promise<string>((done) => prompt.once('SIGINT', () => done('c')));
  const closed = new Promise<string>((done) => prompt.once('close', () => done('')));
  const detach = mayDetach ? ', d = detach and let it go on' : '';
  try {
    const question = prompt.question(`\nc = cancel the run${detach}, Enter = keep watching: `).catch(() => '');
    const answer = (await Promise.race([question, interrupted, closed])).trim().toLowerCase();
    if (answer.startsWith('c')) return 'cancel';
    return answer.startsWith('d') && mayDetach ? 'detach' : 'watch';
  } finally {
    prompt.close();
  }
};

/** Starts to listen for signals; what is returned stops it. */
export const watchInterrupts = (options: InterruptOptions): (() => void) => {
  let state: 'watching' | 'asking' | 'cancelling' = 'watching';
  const cancel = (): void => {
    state = 'cancelling';
    complain('Cancelling the run; again to leave without waiting for its end.');
    options.cancel().catch((error: unknown) => {
      state = 'watching';
      complain(`It could not be cancelled: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  const decide = async (): Promise<void> => {
    state = 'asking';
    options.asking(true);
    const wish = await ask(options.mayDetach);
    options.asking(false);
    state = 'watching';
    if (wish === 'cancel') cancel();
    if (wish === 'detach') options.detach();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (state === 'cancelling') process.exit(EXIT.cancelled);
    if (state === 'asking') return;
    if (signal === 'SIGINT' && process.stdin.isTTY && process.stderr.isTTY) void decide();
    else cancel();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  };
};
