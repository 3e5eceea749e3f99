import { describeExecutorContract } from './executor.contract.ts';
import { openCloudBuild } from './open-cloud-build.ts';

describeExecutorContract('cloud-build', openCloudBuild, {
  wholeMachine:
    'a build has a machine of its own, whose type says how many CPUs; a step has no control groups to write',
  temporaryOnDisk: 'the same: /tmp is on the disk of that machine',
  countsProcesses: 'the same: the runner counts processes and memory ten times a second, and ends who has too much',
  openNetwork: 'the default pool of Cloud Build has the network open; a private pool is the way to close it',
  examples: 4,
});
