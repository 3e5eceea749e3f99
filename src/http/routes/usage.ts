/** /usage */
import { encodeInstant } from '../../api/encode.ts';
import { refuse } from '../../api/faults.ts';
import { usageRange } from '../../api/query-schemas.ts';
import { systemOperations as operations } from '../../api/system-operations.ts';
import type { UsageView } from '../../api/system-schemas.ts';
import type { AgentId, Instant } from '../../core/ids.ts';
import { addCost, addUsage, NO_USAGE } from '../../core/usage.ts';
import type { UsageSum } from '../../ports/run-store.ts';
import { type Bind, userOf } from '../bind.ts';
import type { HttpOptions } from '../options.ts';

const dayOf = (at: Instant): string => encodeInstant(at).slice(0, 10);

const totalOf = (sums: readonly UsageSum[]): UsageView['total'] => ({
  runs: sums.reduce((sum, { runs }) => sum + runs, 0),
  tokenUsage: sums.reduce((sum, { tokenUsage }) => addUsage(sum, tokenUsage), NO_USAGE),
  costUsd: sums.reduce((sum: number | null, { costUsd }) => addCost(sum, costUsd), 0),
});

/** Binds the operation on usage. */
export const bindUsage = (bind: Bind, { engine }: HttpOptions): void => {
  bind(operations.readUsage, async ({ c, query }) => {
    const { from, to } = usageRange(query, engine.clock.now());
    if (from > to) throw refuse('query', [{ pointer: 'from', message: 'must not be after to' }]);
    const sums = await engine.stores.runs.usage({
      userId: userOf(c),
      from,
      to,
      groupBy: query.groupBy,
      ...(query.agentId === undefined ? {} : { agentId: query.agentId as AgentId }),
    });
    const usage: UsageView = {
      from: dayOf(from),
      to: dayOf(to),
      groupBy: query.groupBy,
      data: sums.map((sum) => ({ ...sum, group: sum.group === '' ? null : sum.group })),
      total: totalOf(sums),
    };
    return c.json(usage);
  });
};
