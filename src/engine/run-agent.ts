import type { AgentId, UserId } from '../core/ids.ts';
import { type LimitsPatch, mergeLimits } from '../core/limits.ts';
import type { Run, TriggerKind } from '../core/run.ts';
import type { Engine } from './deps.ts';
import { readAgent } from './save-agent.ts';
import { type Once, submitRun } from './submit-run.ts';

export interface AgentCall {
  readonly userId: UserId;
  readonly agentId: AgentId;
  /** Follows the agent's prompt after an empty line; null for none. */
  readonly input: string | null;
  readonly limits: LimitsPatch;
  readonly trigger: TriggerKind;
}

/** Queues a run of an agent as it stands now. */
export const runAgent = async (engine: Engine, call: AgentCall, once?: Once<Run>): Promise<Run> => {
  const agent = await readAgent(engine, call.userId, call.agentId);
  const prompt = call.input === null ? agent.task.prompt : `${agent.task.prompt}\n\n${call.input}`;
  return submitRun(
    engine,
    {
      userId: call.userId,
      task: { ...agent.task, prompt, limits: mergeLimits(agent.task.limits, call.limits) },
      agent: { id: agent.id, revision: agent.revision },
      trigger: { kind: call.trigger, firedFor: null },
    },
    once,
  );
};
