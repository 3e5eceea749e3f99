import { describeExecutorContract } from './executor.contract.ts';
import { openLocal } from './open-local.ts';

describeExecutorContract('local', openLocal);
