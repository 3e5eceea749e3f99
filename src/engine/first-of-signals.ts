/** A signal that aborts with the first of several. */
export interface FirstOfSignals {
  readonly signal: AbortSignal;
  /** Lets go of the signals. */
  release(): void;
}

/**
 * In place of `AbortSignal.any`, whose signal lives, once it has a listener, for as long as the longest-lived of its
 * sources, and with it all that the listener holds: a run's last output, for as long as the worker.
 */
export const firstOfSignals = (signals: readonly AbortSignal[]): FirstOfSignals => {
  const first = new AbortController();
  const abort = () => first.abort();
  if (signals.some((signal) => signal.aborted)) abort();
  for (const signal of signals) signal.addEventListener('abort', abort);
  return {
    signal: first.signal,
    release: () => {
      for (const signal of signals) signal.removeEventListener('abort', abort);
    },
  };
};
