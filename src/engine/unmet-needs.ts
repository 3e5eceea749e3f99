import type { Task } from '../core/agent.ts';
import type { RunFailure } from '../core/run.ts';
import type { Executor } from '../ports/executor.ts';

const HINT = 'Nothing was executed. Remove it from the agent, or bring the files in by the prompt.';

/** What a task asks for and this server cannot give. A run is refused for it rather than run without it. */
export const unmetNeeds = (task: Task, traits: Executor['traits']): RunFailure | null => {
  if (task.requiredPackages.length > 0) {
    const message = `This server cannot install packages, and the run needs ${task.requiredPackages.join(', ')}.`;
    return { code: 'packages_failed', message, hint: HINT };
  }
  if (task.source !== null) {
    const message = `This server cannot fetch repositories, and the run needs ${task.source.git}.`;
    return { code: 'source_failed', message, hint: HINT };
  }
  if (task.network.allow.length > 0 && !traits.enforcesEgress) {
    const message = `This server gives runs no network at all, and the run needs ${task.network.allow.join(', ')}.`;
    return { code: 'place_failed', message, hint: HINT };
  }
  return null;
};
