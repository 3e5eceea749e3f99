import type { Task } from '../core/agent.ts';
import { DomainError } from '../core/errors.ts';
import type { Engine } from './deps.ts';

/** Throws `invalid_request`, each fault with its pointer, for a task that could only fail. */
export const requireRunnable = (engine: Engine, task: Task): void => {
  const faults = engine.checkTask(task);
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new DomainError('invalid_request', `${first.pointer} ${first.message}${more}.`, { faults });
};
