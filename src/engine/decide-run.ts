import type { RunId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { Decision } from '../core/transitions.ts';
import type { Engine } from './deps.ts';

/** Commits a decision about a run, then tells who follows it. Throws what `decide` or the store throws. */
export const decideRun = async (
  { stores, notifier }: Pick<Engine, 'stores' | 'notifier'>,
  id: RunId,
  decide: (run: Run) => Decision,
): Promise<Run> => {
  const run = await stores.runs.update(id, decide);
  notifier.changed(id);
  return run;
};
