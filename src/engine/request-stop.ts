import type { RunId } from '../core/ids.ts';
import type { EndReason, Run } from '../core/run.ts';
import { requestStop } from '../core/transitions.ts';
import type { Engine } from './deps.ts';

/** Makes the wish to end a run durable, then tells whoever drives it. Nothing is killed before it is durable. */
export const stopRun = async (engine: Engine, id: RunId, reason: EndReason, detail: string | null): Promise<Run> => {
  const run = await engine.stores.runs.update(id, (current) =>
    requestStop(current, reason, detail, engine.clock.now()),
  );
  engine.notifier.changed(id);
  engine.notifier.stopping(id);
  return run;
};
