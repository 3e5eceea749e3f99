import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskArtifacts } from '../../../src/artifacts/disk/store.ts';
import { describeArtifactStoreContract } from './artifact-store.contract.ts';

describeArtifactStoreContract('disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-artifacts-'));
  return {
    artifacts: createDiskArtifacts(join(folder, 'artifacts')),
    close: () => rm(folder, { recursive: true }),
  };
});
