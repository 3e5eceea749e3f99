/** What one run is likely to take, as the mean of past ones. */
import type { ConsequencesView } from '../api/conversation-schemas.ts';
import type { AgentId, ConversationId, UserId } from '../core/ids.ts';
import { addCost, addUsage, NO_USAGE } from '../core/usage.ts';
import type { Engine } from '../engine/deps.ts';

const LOOKED_AT = 50;
/** Runs that were ended early would make it look cheaper than it is. */
const WHOLE = ['succeeded', 'failed'] as const;

export interface PastRuns {
  readonly userId: UserId;
  readonly agentId: AgentId | null;
  readonly conversationId: ConversationId;
}

/** The mean over the agent's runs, or else over the trial runs of the conversation; null when there are none. */
export const estimateFor = async (engine: Engine, past: PastRuns): Promise<ConsequencesView['estimate']> => {
  const { userId, agentId, conversationId } = past;
  const of = agentId === null ? { conversationId } : { agentId };
  const { items } = await engine.stores.runs.list(
    { userId, ...of, statuses: WHOLE },
    { limit: LOOKED_AT, cursor: null },
  );
  const runs = items.filter(({ trigger }) => trigger.kind !== 'conversation');
  if (runs.length === 0) return null;
  const usage = runs.reduce((sum, { tokenUsage }) => addUsage(sum, tokenUsage), NO_USAGE);
  const cost = runs.reduce((sum: number | null, { costUsd }) => addCost(sum, costUsd), 0);
  const mean = (total: number): number => Math.round(total / runs.length);
  return {
    runs: runs.length,
    tokenUsage: {
      inputTokens: mean(usage.inputTokens),
      outputTokens: mean(usage.outputTokens),
      cacheReadTokens: mean(usage.cacheReadTokens),
      cacheWriteTokens: mean(usage.cacheWriteTokens),
    },
    costUsd: cost === null ? null : cost / runs.length,
  };
};
