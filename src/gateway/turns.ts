/**
 * Lets requests of a run with a budget begin only while what all of them may cost fits into what is left of it. What does
 * not fit waits for those under way, in order; whoever is alone may begin, since an answer is cut where the budget ends.
 */
import type { Charge, Ledger } from './ledger.ts';

export interface Turns {
  /**
   * Resolves when the request may begin, its cost then being reserved; rejects when `signal` aborts first.
   * @param costUsd what it may cost at most; Infinity when that is not known
   */
  take(charge: Charge, costUsd: number, budgetUsd: number, signal: AbortSignal): Promise<void>;
  /** Something that was reserved is free again. */
  freed(): void;
}

interface Waiting {
  readonly charge: Charge;
  readonly costUsd: number;
  readonly budgetUsd: number;
  readonly begin: () => void;
}

export const createTurns = (ledger: Ledger): Turns => {
  let waiting: Waiting[] = [];

  const fits = ({ costUsd, budgetUsd }: Waiting): boolean => {
    const committed = ledger.committed();
    return !ledger.anyReserved() || committed === null || committed + costUsd <= budgetUsd;
  };
  const admit = (): void => {
    for (let first = waiting[0]; first !== undefined && fits(first); first = waiting[0]) {
      waiting = waiting.slice(1);
      first.charge.reserve(first.costUsd);
      first.begin();
    }
  };

  return {
    take: (charge, costUsd, budgetUsd, signal) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting = waiting.filter((one) => one !== own);
          reject(new Error('The request was cut while it waited for its turn.'));
          admit();
        };
        const own: Waiting = {
          charge,
          costUsd,
          budgetUsd,
          begin: () => {
            signal.removeEventListener('abort', leave);
            resolve();
          },
        };
        if (signal.aborted) {
          leave();
          return;
        }
        signal.addEventListener('abort', leave);
        waiting = [...waiting, own];
        admit();
      }),
    freed: admit,
  };
};
