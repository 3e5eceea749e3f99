/** What any executor must do, in terms of programs that every place has. */
import { describe } from 'vitest';
import type { Deviations } from './deviations.ts';
import { describeEgress } from './egress.contract.ts';
import { describeEnding } from './ending.contract.ts';
import { describeFiles } from './files.contract.ts';
import type { OpenExecutor } from './jobs.ts';
import { describeLife } from './life.contract.ts';
import { describeLimits } from './limits.contract.ts';
import { describeRunning } from './running.contract.ts';

export const describeExecutorContract = (
  name: string,
  open: () => Promise<OpenExecutor>,
  deviations: Deviations = {},
): void => {
  describe(`executor: ${name}`, () => {
    describeRunning(open, deviations);
    describeLife(open);
    describeEnding(open);
    describeLimits(open, deviations);
    describeFiles(open);
    if (deviations.openNetwork === undefined) describeEgress(open);
  });
};
