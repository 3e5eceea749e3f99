/** What terraform makes of settings.tf is what the server and the store understand. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { EXEMPT, INDEXES, TTL } from '../support/firestore/indexes.ts';
import { readConfiguration, terraformFiles } from '../support/terraform/configuration.ts';
import { describeWithTerraform, type Evaluator, openEvaluator } from '../support/terraform/terraform.ts';

const PROJECT = { project: 'my-project-1' };

it('every setting that is named anywhere in deploy/terraform is one that the server knows', async () => {
  const { locals } = await readConfiguration(terraformFiles());
  const settings = locals.get('settings');
  const named = Object.keys(typeof settings === 'object' && settings !== null ? settings : {});
  expect(named).toContain('SLIPWAY_EXECUTOR');
  const everywhere = [...terraformFiles().values()].join('\n').match(/\bSLIPWAY_[A-Z_]+/g) ?? [];
  for (const name of new Set([...named, ...everywhere])) {
    if (name.startsWith('SLIPWAY_')) expect(() => parseConfig({ [name]: '' }), name).not.toThrow();
  }
});

describeWithTerraform('the settings that terraform gives the server', () => {
  let evaluator: Evaluator;
  beforeAll(() => {
    evaluator = openEvaluator();
  });
  afterAll(() => evaluator.close());

  it('are whole, and choose Google Cloud for everything', () => {
    const { environment } = evaluator.evaluate(PROJECT);
    const config = parseConfig(environment);
    expect(config).toMatchObject({
      host: '0.0.0.0',
      publicUrl: 'https://slipway-123456789012.us-central1.run.app',
      auth: 'api-key',
      store: 'firestore',
      firestore: { projectId: 'my-project-1', databaseId: 'slipway', word: 'polling' },
      executor: 'cloud-build',
      google: {
        project: 'my-project-1',
        region: 'us-central1',
        bucket: 'my-project-1-slipway',
        runnerServiceAccount: 'slipway-runner@my-project-1.iam.gserviceaccount.com',
        invoker: 'slipway-invoker@my-project-1.iam.gserviceaccount.com',
        workerPool: null,
        modelSecret: 'projects/my-project-1/secrets/slipway-anthropic-api-key/versions/latest',
      },
      concurrency: 50,
      isolation: 'relaxed',
      retentionDays: null,
    });
    // No emulator, and no key: that comes from Secret Manager.
    expect(config.google).toMatchObject({ cloudBuildRoot: null, storageRoot: null });
    expect(config.firestore.emulatorHost).toBeNull();
    expect(Object.keys(environment).filter((name) => /KEY|TOKEN|CREDENTIALS|^PORT$/.test(name))).toEqual([]);
  });

  it('follow every variable that has a part in them', () => {
    const { environment } = evaluator.evaluate({
      ...PROJECT,
      name: 'ships',
      region: 'europe-west4',
      database: '(default)',
      bucket: 'my-bucket',
      auth: 'iap',
      iap_audience: '/projects/1/global/backendServices/2',
      public_url: 'https://slipway.example.com',
      min_instances: 1,
      machine_type: 'E2_STANDARD_2',
      worker_pool: { no_external_ip: true },
      runner_image: 'registry.example/runner:1',
      isolation: 'strict',
      concurrency: 7,
      retention_days: 90,
      model_base_url: 'https://models.example',
    });
    expect(parseConfig(environment)).toMatchObject({
      publicUrl: 'https://slipway.example.com',
      auth: 'iap',
      firestore: { databaseId: '(default)', word: 'streams' },
      google: {
        region: 'europe-west4',
        bucket: 'my-bucket',
        iapAudience: '/projects/1/global/backendServices/2',
        runnerImage: 'registry.example/runner:1',
        runnerServiceAccount: 'ships-runner@my-project-1.iam.gserviceaccount.com',
        workerPool: 'projects/my-project-1/locations/europe-west4/workerPools/ships-builds',
      },
      isolation: 'strict',
      concurrency: 7,
      retentionDays: 90,
      model: { baseUrl: 'https://models.example' },
    });
  });

  it('come with every index of the store and every expiry, each once', () => {
    const { indexes, field_overrides: fields } = evaluator.evaluate(PROJECT);
    expect(Object.keys(indexes)).toHaveLength(INDEXES.length);
    const words = Object.keys(indexes).map((key) => {
      const [collection = '', ...parts] = key.split('/');
      const orders = parts.map((part) => part.replace(' ASCENDING', ' asc').replace(' DESCENDING', ' desc'));
      return `${collection}: ${orders.join(', ')}`;
    });
    expect(words.sort()).toEqual([...INDEXES].sort());
    const all = Object.values(fields);
    expect(new Set(all.map(({ collection, field }) => `${collection}.${field}`))).toEqual(EXEMPT);
    const expiring = all.filter(({ ttl }) => ttl).map(({ collection, field }) => `${collection}.${field}`);
    expect(expiring.sort()).toEqual([...TTL].sort());
  });

  describe.each([
    [{ project: 'No Project' }, /by its id/],
    [{ region: 'us-central1-a' }, /no zone/],
    [{ name: 'x' }, /3 to 20 small letters/],
    [{ database: 'Records' }, /\(default\), or/],
    [{ bucket: 'gs://bucket' }, /by its name alone/],
    [{ auth: 'none' }, /api-key or iap/],
    [{ auth: 'iap' }, /iap_audience/],
    [{ public_url: 'https://a.example/' }, /end with the name/],
    [{ min_instances: 1.5 }, /whole number/],
    [{ min_instances: 5 }, /no less than min_instances/],
    [{ cpu: '3' }, /1, 2 or 4/],
    [{ memory: '256Mi' }, /at least 512Mi/],
    [{ isolation: 'none' }, /strict or relaxed/],
    [{ concurrency: 0 }, /from 1 to 1000/],
    [{ retention_days: 0 }, /at least 1/],
    [{ machine_type: 'N1_HIGHCPU_8' }, /E2_MEDIUM/],
    [{ machine_type: 'E2_MEDIUM', worker_pool: {} }, /a machine of its own/],
    [{ model_base_url: 'http://models.example' }, /https/],
    [{ job_days: 1 }, /at least 2/],
    [{ log_days: 1 }, /at least 2/],
    [{ budget: { billing_account: '1', amount: 5 } }, /012345/],
    [{ budget: { billing_account: '012345-6789AB-CDEF01', amount: 0.5 } }, /whole number/],
  ])('with %j', (variables, words) => {
    it(`are refused with ${words}`, () => {
      expect(() => evaluator.evaluate({ ...PROJECT, ...variables })).toThrow(words);
    });
  });
});
