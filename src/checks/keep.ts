/** Findings that are kept for a while, since finding them out costs something and anybody may ask for them. */
import type { Clock } from '../ports/clock.ts';
import type { Finding } from '../ports/executor.ts';

interface Ages {
  /** How long findings are kept with which all is well. */
  readonly goodMs: number;
  /** How long others are; what was mended is seen after this. */
  readonly badMs: number;
}

type Check = () => Promise<readonly Finding[]>;

/** Calls at the same time share one check. */
export const keepFindings = (clock: Clock, { goodMs, badMs }: Ages, check: Check): Check => {
  let running: Promise<readonly Finding[]> | null = null;
  let kept: { readonly findings: readonly Finding[]; readonly until: number } | null = null;
  return () => {
    if (kept !== null && clock.now() < kept.until) return Promise.resolve(kept.findings);
    running ??= check()
      .then((findings) => {
        const good = findings.every(({ status }) => status === 'ok');
        kept = { findings, until: clock.now() + (good ? goodMs : badMs) };
        return findings;
      })
      .finally(() => {
        running = null;
      });
    return running;
  };
};
