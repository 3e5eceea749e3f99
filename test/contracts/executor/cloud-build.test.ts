import { describeExecutorContract } from './executor.contract.ts';
import { openCloudBuild } from './open-cloud-build.ts';

describeExecutorContract('cloud-build', openCloudBuild);
