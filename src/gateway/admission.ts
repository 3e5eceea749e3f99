/** Who may pass, and with what. */
import type { IncomingMessage } from 'node:http';
import { isLive, type Run } from '../core/run.ts';
import type { CostUsd } from '../core/usage.ts';
import { presentedTokens } from './headers.ts';
import type { GatewayParts, Lane } from './lane.ts';
import { REFUSALS, RefusedError } from './refusal.ts';
import { isSameToken } from './tokens.ts';

export interface Admission {
  readonly run: Run;
  /** Path and query below the address of the model service. */
  readonly path: string;
  /** Answers cost money; counting tokens is free. */
  readonly metered: boolean;
}

/** The budget of a run, with what it has spent. */
export const budgetOf = (run: Run): number | null => run.task.limits.maxBudgetUsd;

/** Lets a request in, or throws a `RefusedError`. */
export const admit = async (parts: GatewayParts, lane: Lane, request: IncomingMessage): Promise<Admission> => {
  const url = request.url ?? '';
  const [pathname = ''] = url.split('?', 1);
  const metered = pathname === '/v1/messages';
  if (request.method !== 'POST' || !(metered || pathname === '/v1/messages/count_tokens')) {
    throw new RefusedError(REFUSALS.notFound());
  }
  if (lane.closed() || !presentedTokens(request.headers).some((token) => isSameToken(token, lane.token))) {
    throw new RefusedError(REFUSALS.badToken());
  }
  const run = await findRun(parts, lane);
  if (run.stop !== null) throw new RefusedError(REFUSALS.ending(run.stop));
  checkBudget(lane, run);
  if (lane.inFlight() >= parts.bounds.maxInFlight) throw new RefusedError(REFUSALS.tooMany(parts.bounds.maxInFlight));
  if (Number(request.headers['content-length'] ?? 0) > parts.bounds.maxRequestBytes) {
    throw new RefusedError(REFUSALS.tooLarge(parts.bounds.maxRequestBytes));
  }
  return { run, path: url, metered };
};

const findRun = async (parts: GatewayParts, lane: Lane): Promise<Run> => {
  let run: Run | null;
  try {
    run = await parts.witness.find(lane.runId);
  } catch (error) {
    lane.logger.error({ err: error }, 'a run could not be read; its model request was refused');
    throw new RefusedError(REFUSALS.recordAway());
  }
  if (run === null || !isLive(run) || lane.closed()) throw new RefusedError(REFUSALS.badToken());
  return run;
};

/** Throws when the run has a budget and has spent it. */
export const checkBudget = (lane: Lane, run: Run): void => {
  const budget = budgetOf(run);
  if (budget !== null) requireUnspent(lane, budget, run.costUsd);
};

/**
 * Throws when `budgetUsd` is spent.
 * @param recorded what the record says: another process may have carried requests of the same run
 */
export const requireUnspent = (lane: Lane, budgetUsd: number, recorded: CostUsd = 0): void => {
  const own = lane.ledger.spent();
  const spent = own === null || recorded === null ? null : Math.max(own, recorded);
  if (spent !== null && spent >= budgetUsd) throw new RefusedError(REFUSALS.budgetReached(spent, budgetUsd));
};
