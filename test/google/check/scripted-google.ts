/** Google's answers, written down in its own form: where all is well, and what a test changes of it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/ports/executor.ts';
import type { Answer, CallOptions } from '../../../src/system/google-check/call.ts';
import { checkGoogleCloud } from '../../../src/system/google-check/check.ts';
import { GOOGLE_ROOTS, type GoogleScene } from '../../../src/system/google-check/scene.ts';
import { APIS } from '../../../src/system/google-check/services.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
export const PROJECT = 'my-project-1';
export const SERVER = `slipway-server@${PROJECT}.iam.gserviceaccount.com`;
export const RUNNER = `slipway-runner@${PROJECT}.iam.gserviceaccount.com`;
export const URL_HERE = 'https://slipway-1.us-central1.run.app';
const INDEXES = readFileSync(resolve(import.meta.dirname, '../../../deploy/firestore/indexes.json'), 'utf8');
export const KEY = 'sk-ant-very-secret';

export type Reply = (body: unknown) => Answer;
export const answer = (status: number, body: unknown = {}): Answer => ({ status, body, problem: null });
export const always =
  (status: number, body?: unknown): Reply =>
  () =>
    answer(status, body);
export const failure = (status: number, message: string, reason?: string) => ({
  error: {
    code: status,
    message,
    details: reason === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }],
  },
});
export const secretOf = (text: string) => ({ payload: { data: Buffer.from(text).toString('base64') } });
const asked = (body: unknown) => ({ permissions: Object(body).permissions });

/** By what a call's `METHOD address` contains; the first that fits. */
export type Script = Readonly<Record<string, Reply>>;

const HEALTHY: Script = {
  'GET https://cloudresourcemanager.googleapis.com/v1/projects/my-project-1': always(200, { projectNumber: '1' }),
  'services:batchGet': always(200, {
    services: APIS.map((api) => ({ name: `projects/1/services/${api}`, state: 'ENABLED' })),
  }),
  'projects/my-project-1:testIamPermissions': (body) => answer(200, asked(body)),
  'serviceAccounts/': (body) => answer(200, asked(body)),
  ':getIamPolicy': always(200, {
    bindings: [{ role: 'roles/cloudbuild.builds.editor', members: [`serviceAccount:${SERVER}`] }],
  }),
  'POST https://storage.googleapis.com/upload': always(200),
  'GET https://storage.googleapis.com/': always(200),
  'DELETE https://storage.googleapis.com/': always(204, ''),
  ':runQuery': always(200, [{ readTime: '2026-11-24T12:00:00Z' }]),
  'https://firestore.googleapis.com/': always(200),
  ':access': always(200, secretOf(KEY)),
  '/builds?': always(200, {}),
  consumerQuotaMetrics: always(200, {
    metrics: [
      {
        metric: 'cloudbuild.googleapis.com/concurrent_public_pool_build_cpus',
        consumerQuotaLimits: [
          {
            quotaBuckets: [
              { effectiveLimit: '5' },
              { effectiveLimit: '10', dimensions: { region: 'us-central1' } },
              { effectiveLimit: '7', dimensions: { region: 'europe-west4' } },
            ],
          },
        ],
      },
    ],
  }),
  [`GET ${URL_HERE}/openapi.json`]: always(200, { info: { title: 'Slipway' } }),
  [`POST ${URL_HERE}/internal/reconcile`]: always(401, { code: 'unauthenticated' }),
  '/jobs?': always(200, {
    jobs: [
      { name: 'projects/p/locations/l/jobs/other', httpTarget: { uri: 'https://other.example' }, state: 'PAUSED' },
      {
        name: 'projects/p/locations/l/jobs/slipway-reconcile',
        httpTarget: { uri: `${URL_HERE}/internal/reconcile` },
        state: 'ENABLED',
      },
    ],
  }),
  '/subscriptions?': always(200, {
    subscriptions: [
      {
        topic: `projects/${PROJECT}/topics/cloud-builds`,
        pushConfig: { pushEndpoint: `${URL_HERE}/internal/build-events` },
      },
    ],
  }),
};

export const check = async (script: Script, scene: Partial<GoogleScene> = {}) => {
  const calls: string[] = [];
  const findings = await checkGoogleCloud(
    {
      call: async (url, { method = 'GET', json }: CallOptions = {}) => {
        const name = `${method} ${url}`;
        calls.push(name);
        const reply = Object.entries({ ...script, ...HEALTHY, ...script }).find(([part]) => name.includes(part))?.[1];
        if (reply === undefined) throw new Error(`Nothing was written down for ${name}.`);
        return reply(json);
      },
      roots: GOOGLE_ROOTS,
      project: PROJECT,
      region: 'us-central1',
      bucket: 'my-bucket',
      database: 'slipway',
      runnerServiceAccount: RUNNER,
      invoker: `slipway-invoker@${PROJECT}.iam.gserviceaccount.com`,
      workerPool: null,
      modelSecret: `projects/${PROJECT}/secrets/slipway-anthropic-api-key/versions/latest`,
      publicUrl: URL_HERE,
      indexes: INDEXES,
      account: SERVER,
      probe: 'probe-1',
      ...scene,
    },
    NOW,
  );
  return { findings, calls };
};

export const of = (findings: readonly Finding[], part: string): Finding | undefined =>
  findings.find((one) => one.part === part);

export const disabled = always(
  403,
  failure(403, 'X API has not been used in project 1 before or it is disabled.', 'SERVICE_DISABLED'),
);
export const denied = always(403, failure(403, 'The caller does not have permission', 'IAM_PERMISSION_DENIED'));
export const absent = always(404, failure(404, 'Not found'));
export const silent: Reply = () => ({ status: 0, body: null, problem: 'no answer within 10 s' });
export const needsIndex = always(400, [failure(400, 'The query requires an index. You can create it here: https://…')]);

export interface Case {
  readonly script: Script;
  readonly scene?: Partial<GoogleScene>;
  readonly part: string;
  readonly status?: Finding['status'];
  readonly detail: string;
  readonly mend: string;
}

/** One test for each: the part says so, with what mends it, and no other part complains. */
export const describeCases = (cases: Readonly<Record<string, Case>>): void =>
  describe.each(Object.entries(cases))('where %s', (_, { script, scene, part, status = 'missing', detail, mend }) => {
    it(`says so of ${part}, with what mends it, and of nothing else`, async () => {
      const { findings } = await check(script, scene);
      const found = of(findings, part);
      expect(found?.status).toBe(status);
      expect(found?.detail).toContain(detail);
      expect(found?.mend).toContain(mend);
      expect(JSON.stringify(findings)).not.toContain(KEY);
      expect(findings.filter((one) => one.status !== 'ok').map((one) => one.part)).toEqual([part]);
    });
  });
