import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCloudStorageArtifacts } from '../../../src/artifacts/cloud-storage/store.ts';
import type { ArtifactStore } from '../../../src/ports/artifact-store.ts';
import { createSystemClock, createSystemRandom } from '../../../src/system/clock.ts';
import { type Emulator, openEmulator } from '../../support/google/emulator.ts';
import { newRunId } from '../stores/fixtures.ts';
import { describeArtifactStoreContract } from './artifact-store.contract.ts';

const artifactsOn = (emulator: Emulator): ArtifactStore =>
  createCloudStorageArtifacts({
    bucket: 'bucket',
    storageRoot: `${emulator.url}/`,
    account: async () => 'server@demo.example',
    clock: createSystemClock(),
    random: createSystemRandom(),
  });

describeArtifactStoreContract('cloud storage', async () => {
  const emulator = await openEmulator();
  return { artifacts: artifactsOn(emulator), close: () => emulator.close() };
});

describe('artifacts in Cloud Storage, with faults', () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await openEmulator();
  });
  afterEach(() => emulator.close());

  it('say who needs which role on what when the bucket is closed to them', async () => {
    emulator.faults.add({ on: /upload/, status: 403 });
    const put = artifactsOn(emulator).put(newRunId(), 'output', Readable.from([Buffer.from('x')]));
    await expect(put).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('bucket bucket'),
      hint: expect.stringContaining('roles/storage.objectUser on it to server@demo.example'),
    });
  });

  const LARGE = 9_000_000;
  const large = Buffer.from(Uint8Array.from({ length: LARGE }, (_, index) => (index * 7 + (index >> 12)) & 255));
  async function* inParts(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < LARGE; at += 65_521) yield large.subarray(at, at + 65_521);
  }
  const bytesOf = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(part);
    return Buffer.concat(parts);
  };

  it.each([
    ['a piece whose answer is lost', { on: /PUT .*upload_id/, loseAnswer: true, times: 2 }],
    ['a service that is away', { on: /upload/, status: 503, times: 2 }],
    ['a quota that is used up', { on: /./, status: 429, times: 2 }],
  ])('writes and reads whole after %s', async (_name, fault) => {
    const artifacts = artifactsOn(emulator);
    const run = newRunId();
    emulator.faults.add(fault);
    expect(await artifacts.put(run, 'large', inParts())).toBe(LARGE);
    const blob = await artifacts.get(run, 'large');
    expect(blob !== null && large.equals(await bytesOf(blob.read()))).toBe(true);
    expect(blob !== null && large.subarray(5_000_000).equals(await bytesOf(blob.read(5_000_000)))).toBe(true);
  });

  it('says which role is missing', async () => {
    emulator.faults.add({ on: /./, status: 403 });
    const put = artifactsOn(emulator).put(newRunId(), 'x', inParts());
    await expect(put).rejects.toMatchObject({
      code: 'store_unavailable',
      hint: expect.stringContaining('storage.objectUser'),
    });
  });
});
