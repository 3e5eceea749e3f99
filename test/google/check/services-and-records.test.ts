/** What `slipway doctor --google` makes of Google's answers about APIs, roles, bucket, database and secret. */
import { describe, expect, it } from 'vitest';
import {
  absent,
  always,
  answer,
  check,
  denied,
  describeCases,
  disabled,
  failure,
  KEY,
  needsIndex,
  of,
  SERVER,
  secretOf,
} from './scripted-google.ts';

describeCases({
  'an API is not enabled': {
    script: {
      'services:batchGet': always(200, {
        services: [{ name: 'projects/1/services/run.googleapis.com', state: 'ENABLED' }],
      }),
    },
    part: 'apis',
    detail: 'not enabled: artifactregistry',
    mend: 'gcloud services enable artifactregistry.googleapis.com cloudbuild.googleapis.com ',
  },
  'the role on builds is missing': {
    script: { 'projects/my-project-1:testIamPermissions': always(200, { permissions: ['cloudbuild.builds.get'] }) },
    part: 'roles',
    detail: 'cloudbuild.builds.create',
    mend: `--member=serviceAccount:${SERVER} --role=roles/cloudbuild.builds.editor`,
  },
  'the role on the pool is missing': {
    script: {
      'projects/my-project-1:testIamPermissions': (body) =>
        answer(200, { permissions: Object(body).permissions.filter((one: string) => !one.includes('workerpools')) }),
    },
    scene: { workerPool: 'projects/p/locations/l/workerPools/w' },
    part: 'roles',
    detail: 'lacks cloudbuild.workerpools.use',
    mend: '--role=roles/cloudbuild.workerPoolUser',
  },
  'there is no bucket': {
    script: { 'POST https://storage.googleapis.com/upload': absent },
    part: 'bucket',
    detail: 'could not write an object in gs://my-bucket: HTTP 404',
    mend: 'gcloud storage buckets create gs://my-bucket --project=my-project-1 --location=us-central1',
  },
  'the bucket may not be deleted from': {
    script: { 'DELETE https://storage.googleapis.com/': denied },
    part: 'bucket',
    detail: 'could not delete it',
    mend: `gs://my-bucket --member=serviceAccount:${SERVER} --role=roles/storage.objectUser`,
  },
  'there is no database': {
    script: { 'PATCH https://firestore.googleapis.com/': absent },
    scene: { database: '(default)' },
    part: 'database',
    detail: 'HTTP 404',
    mend: "gcloud firestore databases create --database='(default)' --location=us-central1",
  },
  "Firestore's API is off": {
    script: { 'PATCH https://firestore.googleapis.com/': disabled },
    part: 'database',
    detail: 'has not been used',
    mend: 'gcloud services enable firestore.googleapis.com --project=my-project-1',
  },
  'indexes are missing': {
    script: {
      ':runQuery': (body) => (JSON.stringify(body).includes('claimAt') ? needsIndex(body) : answer(200, [{}])),
    },
    part: 'indexes',
    detail: '1 of 17 are not there, or not ready: runs(userId, claimAt)',
    mend: 'terraform -chdir=deploy/terraform apply',
  },
  'the secret has no version': {
    script: { ':access': absent },
    part: 'secret',
    detail: 'HTTP 404',
    mend: 'gcloud secrets versions add slipway-anthropic-api-key --data-file=-',
  },
  'the secret may not be read': {
    script: { ':access': denied },
    part: 'secret',
    detail: 'HTTP 403',
    mend: 'gcloud secrets add-iam-policy-binding slipway-anthropic-api-key --member=serviceAccount:',
  },
  'the key ends with a line feed': {
    script: { ':access': always(200, secretOf(`${KEY}\n`)) },
    part: 'secret',
    detail: 'white space',
    mend: 'printf %s',
  },
});

describe('where everything is as it should be', () => {
  it('every part is ok, and the key is in no finding', async () => {
    const { findings } = await check({});
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(findings.map(({ part }) => part)).toEqual([
      'account',
      'apis',
      'roles',
      'bucket',
      'database',
      'indexes',
      'secret',
      'runner account',
      'quota',
      'public url',
      'scheduler',
      'build events',
    ]);
    expect(of(findings, 'quota')?.detail).toContain('10 CPUs at once in us-central1');
    expect(JSON.stringify(findings)).not.toContain(KEY);
  });

  it('the server itself need not see what is none of its business', async () => {
    const denied = always(403, failure(403, 'Permission denied', 'IAM_PERMISSION_DENIED'));
    const { findings } = await check({
      'services:batchGet': denied,
      ':getIamPolicy': denied,
      consumerQuotaMetrics: denied,
      '/jobs?': denied,
      '/subscriptions?': denied,
    });
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  it('what is written is removed again, also when it could not be read', async () => {
    const { calls } = await check({
      'GET https://storage.googleapis.com/': always(403, failure(403, 'no')),
      'GET https://firestore.googleapis.com/': always(403, failure(403, 'no')),
    });
    const removed = calls.filter((call) => call.startsWith('DELETE ')).map((call) => call.replace(/^.*\//, ''));
    expect(removed.sort()).toEqual(['doctor-probe-1', 'probes%2Fdoctor-probe-1']);
  });
});

describe('without credentials', () => {
  it('one finding says how to get them, instead of ten that say the same', async () => {
    const { findings } = await check({
      'cloudresourcemanager.googleapis.com': () => ({
        status: 0,
        body: null,
        problem: 'Could not load the default credentials.',
      }),
    });
    expect(findings.map(({ part, status }) => `${part}: ${status}`)).toEqual(['account: missing', 'public url: ok']);
    expect(findings[0]?.mend).toBe('gcloud auth application-default login');
  });

  it('a Google that cannot be reached is another matter', async () => {
    const { findings } = await check({
      'cloudresourcemanager.googleapis.com': () => ({ status: 0, body: null, problem: 'no answer within 10 s' }),
    });
    expect(findings[0]?.mend).toBe('Check that Google can be reached from here.');
  });
});
