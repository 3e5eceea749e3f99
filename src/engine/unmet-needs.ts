import type { Task } from '../core/agent.ts';
import type { RunFailure } from '../core/run.ts';
import type { Executor } from '../ports/executor.ts';

const HINT = 'Nothing was executed. Remove the hosts from the agent.';

/** What a task asks for and this server cannot give. A run is refused for it rather than run without it. */
export const unmetNeeds = (task: Task, traits: Executor['traits']): RunFailure | null => {
  if (task.network.allow.length > 0 && !traits.enforcesEgress) {
    const message = `Nothing here keeps a run to the hosts that it may reach, and the run names ${task.network.allow.join(', ')}.`;
    return { code: 'place_failed', message, hint: HINT };
  }
  return null;
};
