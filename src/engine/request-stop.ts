import { requireLease } from '../core/decision.ts';
import type { RunId } from '../core/ids.ts';
import type { EndReason, Run } from '../core/run.ts';
import { requestStop } from '../core/transitions.ts';
import { decideRun } from './decide-run.ts';
import type { Engine } from './deps.ts';

/**
 * Makes the wish to end a run durable, then tells whoever drives it. Nothing is killed before it is durable.
 * With `token`, only the holder of that lease may wish it: what it saw says nothing once another one drives the run.
 */
export const stopRun = async (
  engine: Engine,
  id: RunId,
  reason: EndReason,
  detail: string | null,
  token?: number,
): Promise<Run> => {
  const run = await decideRun(engine, id, (current) => {
    if (token !== undefined) requireLease(current, token);
    return requestStop(current, reason, detail, engine.clock.now());
  });
  engine.notifier.stopping(id);
  return run;
};
