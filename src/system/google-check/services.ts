/** Which APIs are enabled, what this account may do with builds, and whether builds get machines. */
import type { Finding } from '../../ports/executor.ts';
import { at, listAt, textsAt } from './call.ts';
import { degraded, type GoogleScene, member, missing, ok, quotaAddress, refusal, succeeded, word } from './scene.ts';

/** What a whole installation uses; deploy/terraform enables the same and what it needs itself. */
export const APIS = [
  'artifactregistry.googleapis.com',
  'cloudbuild.googleapis.com',
  'cloudscheduler.googleapis.com',
  'firestore.googleapis.com',
  'iam.googleapis.com',
  'pubsub.googleapis.com',
  'run.googleapis.com',
  'secretmanager.googleapis.com',
  'storage.googleapis.com',
] as const;

export const checkApis = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project } = scene;
  const names = APIS.map((api) => `names=projects/${project}/services/${api}`).join('&');
  const answer = await call(`${roots.serviceUsage}v1/projects/${project}/services:batchGet?${names}`);
  if (answer.status === 403 && scene.account?.endsWith('.gserviceaccount.com') === true) {
    // The server's account need not see this: each part below finds out about its own.
    return ok('apis', 'not to be listed by this account; each part below needs its own');
  }
  if (!succeeded(answer)) {
    return refusal(scene, 'apis', 'list the enabled APIs', answer, {
      api: 'serviceusage.googleapis.com',
      denied: `gcloud projects add-iam-policy-binding ${project} ${member(scene)} --role=roles/serviceusage.serviceUsageViewer`,
      unknown: 'gcloud projects list',
    });
  }
  const enabled = listAt(answer.body, 'services')
    .filter((service) => at(service, 'state') === 'ENABLED')
    .map((service) => String(at(service, 'name')).replace(/^.*\//, ''));
  const absent = APIS.filter((api) => !enabled.includes(api));
  if (absent.length === 0) return ok('apis', `${APIS.length} enabled`);
  const command = `gcloud services enable ${absent.join(' ')} --project=${project}`;
  return missing('apis', `not enabled: ${absent.join(', ')}`, command);
};

const BUILDS = [
  'cloudbuild.builds.create',
  'cloudbuild.builds.get',
  'cloudbuild.builds.list',
  'cloudbuild.builds.update',
];
const POOL = 'cloudbuild.workerpools.use';

/** Asked of Google, and not guessed from roles: whatever grants a permission counts. */
export const checkRoles = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project, workerPool } = scene;
  const permissions = workerPool === null ? BUILDS : [...BUILDS, POOL];
  const answer = await call(`${roots.resourceManager}v1/projects/${project}:testIamPermissions`, {
    method: 'POST',
    json: { permissions },
  });
  if (!succeeded(answer)) {
    return refusal(scene, 'roles', 'ask what this account may do', answer, {
      api: 'cloudresourcemanager.googleapis.com',
      denied: 'gcloud projects list',
      unknown: 'gcloud projects list',
    });
  }
  const granted = textsAt(answer.body, 'permissions');
  const absent = permissions.filter((permission) => !granted.includes(permission));
  if (absent.length === 0)
    return ok('roles', `may start, watch and cancel builds${workerPool === null ? '' : ' in the pool'}`);
  const role = absent.every((permission) => permission === POOL)
    ? 'cloudbuild.workerPoolUser'
    : 'cloudbuild.builds.editor';
  return missing(
    'roles',
    `${scene.account ?? 'this account'} lacks ${absent.join(', ')}`,
    `gcloud projects add-iam-policy-binding ${project} ${member(scene)} --role=roles/${role}`,
  );
};

const WAITING_MS = 120_000;
const API = 'cloudbuild.googleapis.com';

/** Whether builds wait for machines; and the quota, where this account may see it. */
export const checkQuota = async (scene: GoogleScene, now: number): Promise<Finding> => {
  const { call, roots, project, region } = scene;
  const parent = `projects/${project}/locations/${region}`;
  const [builds, quota] = await Promise.all([
    call(`${roots.cloudBuild}v1/${parent}/builds?pageSize=100&filter=${encodeURIComponent('status="QUEUED"')}`),
    call(`${roots.serviceUsage}v1beta1/projects/${project}/services/${API}/consumerQuotaMetrics?pageSize=200`),
  ]);
  if (!succeeded(builds)) {
    return refusal(scene, 'quota', `list builds in ${region}`, builds, {
      api: API,
      denied: `gcloud projects add-iam-policy-binding ${project} ${member(scene)} --role=roles/cloudbuild.builds.editor`,
      unknown: `gcloud builds list --project=${word(project)} --region=${word(region)}`,
    });
  }
  const waiting = listAt(builds.body, 'builds').filter(
    (build) => now - Date.parse(String(at(build, 'createTime'))) > WAITING_MS,
  ).length;
  const limit = succeeded(quota) ? concurrency(quota.body, region) : null;
  const known =
    limit === null ? 'the quota itself cannot be seen by this account' : `${limit} CPUs at once in ${region}`;
  if (limit === 0) return missing('quota', `builds get no machine: ${known}`, quotaAddress(scene, API));
  if (waiting === 0) return ok('quota', `no build waits for a machine; ${known}`);
  return degraded(
    'quota',
    `${waiting} builds wait for a machine for over two minutes; ${known}`,
    quotaAddress(scene, API),
  );
};

/** Least limit of concurrent CPUs on the default pool that holds in the region; null when none is named. */
const concurrency = (body: unknown, region: string): number | null => {
  const metrics = listAt(body, 'metrics').filter((metric) =>
    /concurrent.*(?<!private.*)cpu/i.test(`${String(at(metric, 'metric'))} ${String(at(metric, 'displayName'))}`),
  );
  const buckets = metrics
    .flatMap((metric) => listAt(metric, 'consumerQuotaLimits'))
    .flatMap((limit) => listAt(limit, 'quotaBuckets'));
  const own = buckets.filter((bucket) => at(bucket, 'dimensions', 'region') === region);
  const limits = (own.length > 0 ? own : buckets.filter((bucket) => at(bucket, 'dimensions') === undefined))
    .map((bucket) => Number(at(bucket, 'effectiveLimit')))
    .filter((limit) => limit >= 0);
  return limits.length === 0 ? null : Math.min(...limits);
};
