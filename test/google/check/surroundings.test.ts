/** What `slipway doctor --google` makes of Google's answers about the runner account, quota, address and callers. */
import { absent, always, describeCases, failure, RUNNER, SERVER, silent, URL_HERE } from './scripted-google.ts';

describeCases({
  'there is no runner account': {
    script: { 'serviceAccounts/': absent },
    part: 'runner account',
    detail: 'HTTP 404',
    mend: 'gcloud iam service-accounts create slipway-runner --project=my-project-1',
  },
  'builds may not be started as the runner': {
    script: { 'serviceAccounts/': always(200, {}) },
    part: 'runner account',
    detail: 'may not start builds as',
    mend: `add-iam-policy-binding ${RUNNER} --member=serviceAccount:${SERVER} --role=roles/iam.serviceAccountUser`,
  },
  'the runner has a role on the project': {
    script: {
      ':getIamPolicy': always(200, { bindings: [{ role: 'roles/editor', members: [`serviceAccount:${RUNNER}`] }] }),
    },
    part: 'runner account',
    status: 'degraded',
    detail: 'has roles/editor on the project, and so has every agent',
    mend: `remove-iam-policy-binding my-project-1 --member=serviceAccount:${RUNNER} --role=roles/editor`,
  },
  'no runner account is set': {
    script: {},
    scene: { runnerServiceAccount: null },
    part: 'runner account',
    status: 'degraded',
    detail: 'default account',
    mend: 'SLIPWAY_RUNNER_SERVICE_ACCOUNT',
  },
  'builds wait for machines': {
    script: {
      '/builds?': always(200, {
        builds: [{ createTime: '2026-11-24T11:50:00Z' }, { createTime: '2026-11-24T11:59:30Z' }],
      }),
    },
    part: 'quota',
    status: 'degraded',
    detail: '1 builds wait for a machine for over two minutes; 10 CPUs',
    mend: 'quotas?service=cloudbuild.googleapis.com',
  },
  'a quota of calls is used up': {
    script: { '/builds?': always(429, failure(429, 'Quota exceeded')) },
    part: 'quota',
    status: 'degraded',
    detail: 'Quota exceeded',
    mend: 'quotas?service=cloudbuild.googleapis.com',
  },
  'nothing answers at the public address': {
    script: { [`GET ${URL_HERE}/openapi.json`]: silent },
    part: 'public url',
    detail: 'does not answer: no answer within 10 s',
    mend: 'gcloud run services list',
  },
  'the service lets only Google accounts in': {
    script: { [`GET ${URL_HERE}/openapi.json`]: always(403, '<html>') },
    part: 'public url',
    detail: 'lets only Google accounts in',
    mend: '--no-invoker-iam-check',
  },
  'somebody else answers at the public address': {
    script: { [`GET ${URL_HERE}/openapi.json`]: always(200, '<html>Hello</html>') },
    part: 'public url',
    detail: 'is no Slipway',
    mend: 'gcloud run services describe',
  },
  'the server lets callers without a token in': {
    script: { [`POST ${URL_HERE}/internal/reconcile`]: always(200, {}) },
    part: 'public url',
    detail: 'it should be 401',
    mend: 'gcloud run services logs read',
  },
  'no job calls each minute': {
    script: { '/jobs?': always(200, {}) },
    part: 'scheduler',
    detail: 'no job calls /internal/reconcile',
    mend: 'terraform',
  },
  'the job is paused': {
    script: {
      '/jobs?': always(200, {
        jobs: [{ name: 'a/jobs/mine', state: 'PAUSED', httpTarget: { uri: `${URL_HERE}/internal/reconcile` } }],
      }),
    },
    part: 'scheduler',
    detail: 'mine is PAUSED',
    mend: 'gcloud scheduler jobs resume mine --location=us-central1',
  },
  'the job fails': {
    script: {
      '/jobs?': always(200, {
        jobs: [
          {
            name: 'a/jobs/mine',
            state: 'ENABLED',
            status: { code: 16 },
            httpTarget: { uri: `${URL_HERE}/internal/reconcile` },
          },
        ],
      }),
    },
    part: 'scheduler',
    status: 'degraded',
    detail: 'code 16',
    mend: 'gcloud scheduler jobs run mine',
  },
  'nothing is pushed': {
    script: { '/subscriptions?': always(200, {}) },
    part: 'build events',
    status: 'degraded',
    detail: 'a minute later',
    mend: 'terraform',
  },
  'the subscription is on another topic': {
    script: {
      '/subscriptions?': always(200, {
        subscriptions: [
          { topic: 'projects/p/topics/builds', pushConfig: { pushEndpoint: `${URL_HERE}/internal/build-events` } },
        ],
      }),
    },
    part: 'build events',
    detail: 'projects/p/topics/builds',
    mend: 'terraform',
  },
});
