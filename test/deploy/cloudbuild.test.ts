/** deploy/cloudbuild.yaml, executed by the emulator, with programs in the place of docker and gcloud that say what they do. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cloudbuild, type cloudbuild_v1 } from '@googleapis/cloudbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Emulator, openEmulator } from '../support/google/emulator.ts';

const FILE = resolve(import.meta.dirname, '../../deploy/cloudbuild.yaml');
const REPOSITORY = 'registry.example/my-project-1/slipway';
const DEPLOYER = 'slipway-deployer@my-project-1.iam.gserviceaccount.com';
const PARENT = 'projects/my-project-1/locations/europe-west4';
const OVER = ['SUCCESS', 'FAILURE', 'INTERNAL_ERROR', 'TIMEOUT', 'CANCELLED', 'EXPIRED'];

describe('cloudbuild.yaml', () => {
  let emulator: Emulator;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-images-'));
    for (const name of ['docker', 'gcloud']) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*"\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const image = (name: string) => ({ files: { [`/usr/local/bin/${name}`]: join(folder, name) }, entrypoint: name });
    emulator = await openEmulator({
      logFlushMs: 20,
      buckets: ['logs'],
      images: {
        'gcr.io/cloud-builders/docker': image('docker'),
        'gcr.io/google.com/cloudsdktool/google-cloud-cli:slim': image('gcloud'),
      },
    });
  });
  afterEach(async () => {
    await emulator.close();
    rmSync(folder, { recursive: true });
  });

  /** Its log, line by line; logs are read here from a bucket, since the emulator has no Cloud Logging. */
  const run = async (substitutions: Record<string, string>): Promise<{ id: string; lines: string[] }> => {
    const { builds } = cloudbuild({ version: 'v1', rootUrl: `${emulator.url}/` }).projects.locations;
    const build: cloudbuild_v1.Schema$Build = parse(readFileSync(FILE, 'utf8'));
    const requestBody = {
      ...build,
      substitutions: { ...build.substitutions, ...substitutions },
      logsBucket: 'gs://logs',
      options: { ...build.options, logging: 'GCS_ONLY' },
    };
    const created = await builds.create({ parent: PARENT, requestBody }, { retry: false });
    const id: string = created.data.metadata?.build.id;
    for (;;) {
      const { data } = await builds.get({ name: `${PARENT}/builds/${id}` });
      if (!OVER.includes(data.status ?? '')) continue;
      const log = await (await fetch(`${emulator.url}/storage/v1/b/logs/o/log-${id}.txt?alt=media`)).text();
      expect(data.status, log).toBe('SUCCESS');
      expect(data.serviceAccount).toBe(`projects/my-project-1/serviceAccounts/${DEPLOYER}`);
      const said = /^Step #\d+ - "[a-z-]+": (.*)$/gm;
      return { id, lines: [...log.matchAll(said)].map(([, line = '']) => line) };
    }
  };
  const saidBy = (lines: readonly string[]) =>
    lines.filter((line) => /^(docker|gcloud|server_image|No _SERVICE)/.test(line));

  it('builds and pushes both images, the server with its runner, and deploys nothing by itself', async () => {
    const { id, lines } = await run({ _REPOSITORY: REPOSITORY, _DEPLOYER: DEPLOYER });
    const [runner, server] = [`${REPOSITORY}/runner:${id}`, `${REPOSITORY}/server:${id}`];
    expect(saidBy(lines)).toEqual([
      `docker build --file=deploy/images/runner/Dockerfile --tag=${runner} .`,
      `docker push ${runner}`,
      `docker build --file=deploy/images/server/Dockerfile --build-arg=RUNNER_IMAGE=${runner} --tag=${server} .`,
      `docker push ${server}`,
      `server_image = "${server}"`,
      'No _SERVICE was given: the images are there, and nothing was deployed.',
    ]);
  });

  it('deploys to the service that is named', async () => {
    const { id, lines } = await run({ _REPOSITORY: REPOSITORY, _DEPLOYER: DEPLOYER, _SERVICE: 'slipway' });
    expect(saidBy(lines).slice(-2)).toEqual([
      `gcloud run services update slipway --image=${REPOSITORY}/server:${id} --region=europe-west4 --project=my-project-1 --quiet`,
      'gcloud run services update-traffic slipway --to-latest --region=europe-west4 --project=my-project-1 --quiet',
    ]);
  });

  it('is refused without the place of the images', async () => {
    await expect(run({ _DEPLOYER: DEPLOYER })).rejects.toThrow(/_REPOSITORY/);
  });
});
