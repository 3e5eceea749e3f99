/**
 * A build as runs have it — account, image, machine, log bucket — that does nothing but try what a run needs of its
 * account. Nothing else shows whether Google lets it: rights of another account cannot be asked for.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Finding } from '../../ports/executor.ts';
import { type Answer, at, listAt } from './call.ts';
import { degraded, type GoogleScene, member, missing, ok, quotaAddress, refusal, succeeded } from './scene.ts';

export interface BuildScene extends GoogleScene {
  readonly image: string;
  readonly machineType: string;
}

const PART = 'build';
const API = 'cloudbuild.googleapis.com';
const LOOK_MS = 2_000;
/** Its own limits, waiting for a machine and executing; then a little for being told. */
const QUEUE_SECONDS = 180;
const RUN_SECONDS = 180;
const LONGEST_MS = (QUEUE_SECONDS + RUN_SECONDS + 30) * 1_000;
const OVER = new Set(['SUCCESS', 'FAILURE', 'INTERNAL_ERROR', 'TIMEOUT', 'CANCELLED', 'EXPIRED']);

/** What the step executes; no dollar sign, which Cloud Build would take for a substitution. */
const STEP = `
const [root, bucket, name, address] = process.argv.slice(1);
const host = process.env.GCE_METADATA_HOST || 'metadata.google.internal';
const ask = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(20000) });
const status = (url, init) => ask(url, init).then((answer) => answer.status, (error) => String(error.cause || error));
(async () => {
  const flavour = { headers: { 'metadata-flavor': 'Google' } };
  const token = await ask('http://' + host + '/computeMetadata/v1/instance/service-accounts/default/token', flavour);
  const headers = { authorization: 'Bearer ' + (await token.json()).access_token };
  const objects = 'storage/v1/b/' + bucket + '/o';
  const upload = root + 'upload/' + objects + '?uploadType=media&ifGenerationMatch=0&name=' + encodeURIComponent(name);
  const told = {
    create: await status(upload, { method: 'POST', headers, body: 'slipway' }),
    read: await status(root + objects + '/' + encodeURIComponent(name) + '?alt=media', { headers }),
    list: await status(root + objects, { headers }),
    server: address === '' ? null : await status(address + '/openapi.json'),
  };
  require('node:fs').writeFileSync(process.env.BUILDER_OUTPUT + '/output', JSON.stringify(told));
})();
`;

const literal = (text: string): string => text.replaceAll('$', '$$$$');

const buildOf = (scene: BuildScene, object: string): object => {
  const { project, bucket, roots, publicUrl, runnerServiceAccount: email, machineType, workerPool } = scene;
  const args = ['-e', STEP, roots.storage, bucket, object, publicUrl ?? ''].map(literal);
  return {
    tags: ['slipway-doctor'],
    steps: [{ id: 'try', name: literal(scene.image), entrypoint: 'node', args }],
    timeout: `${RUN_SECONDS}s`,
    queueTtl: `${QUEUE_SECONDS}s`,
    logsBucket: `gs://${bucket}/logs`,
    ...(email === null ? {} : { serviceAccount: `projects/${project}/serviceAccounts/${email}` }),
    options: {
      logging: 'GCS_ONLY',
      ...(machineType === 'E2_STANDARD_2' ? {} : { machineType }),
      ...(workerPool === null ? {} : { pool: { name: workerPool } }),
    },
  };
};

/** Takes as long as a machine takes to come, six minutes and a half at most, and costs a minute of it. */
export const tryBuild = async (scene: BuildScene, clock: Clock): Promise<Finding> => {
  const { call, roots, project, region, bucket, probe } = scene;
  const builds = `${roots.cloudBuild}v1/projects/${project}/locations/${region}/builds`;
  const object = `jobs/doctor-${probe}`;
  const beganAt = clock.now();
  const created = await call(builds, { method: 'POST', json: buildOf(scene, object) });
  const id = at(created.body, 'metadata', 'build', 'id');
  if (!succeeded(created) || typeof id !== 'string') {
    return refusal(scene, PART, 'start a build', created, {
      api: API,
      denied: `gcloud projects add-iam-policy-binding ${project} ${member(scene)} --role=roles/cloudbuild.builds.editor`,
      unknown: null,
    });
  }
  let build: Answer;
  do {
    await clock.sleep(LOOK_MS);
    build = await call(`${builds}/${id}`);
  } while (!OVER.has(String(at(build.body, 'status'))) && clock.now() - beganAt < LONGEST_MS);
  await call(`${roots.storage}storage/v1/b/${bucket}/o/${encodeURIComponent(object)}`, { method: 'DELETE' });
  return judge(scene, id, build, Math.round((clock.now() - beganAt) / 1_000));
};

const judge = (scene: BuildScene, id: string, build: Answer, seconds: number): Finding => {
  const { project, region, bucket } = scene;
  const status = String(at(build.body, 'status') ?? 'unknown');
  const described = `gcloud builds describe ${id} --region=${region} --project=${project}; gcloud storage cat gs://${bucket}/logs/log-${id}.txt`;
  if (status === 'QUEUED' || status === 'PENDING' || status === 'EXPIRED') {
    return missing(PART, `no machine came within ${seconds} s (${status})`, quotaAddress(scene, API));
  }
  if (status !== 'SUCCESS') {
    const why = at(build.body, 'failureInfo', 'detail') ?? at(build.body, 'statusDetail') ?? 'no reason given';
    return missing(PART, `the build ended with ${status} after ${seconds} s: ${String(why)}`, described);
  }
  const output = listAt(build.body, 'results', 'buildStepOutputs')[0];
  return told(scene, typeof output === 'string' ? Buffer.from(output, 'base64').toString() : '', seconds, described);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** What the step found out. */
const told = (scene: BuildScene, text: string, seconds: number, described: string): Finding => {
  const { publicUrl, runnerServiceAccount, bucket } = scene;
  const seen = parsed(text);
  const account = runnerServiceAccount ?? "the project's default account";
  const apply = 'terraform -chdir=deploy/terraform apply';
  for (const act of ['create', 'read'] as const) {
    const status = at(seen, act);
    if (status !== 200) {
      const detail = `${account} cannot ${act} objects below gs://${bucket}/jobs: ${String(status ?? 'nothing was told')}`;
      return missing(PART, detail, seen === null ? described : apply);
    }
  }
  const server = at(seen, 'server');
  if (publicUrl !== null && server !== 200) {
    const detail = `builds cannot reach ${publicUrl}: ${String(server)}`;
    return missing(PART, detail, 'Check SLIPWAY_PUBLIC_URL, and what the network of the pool lets out.');
  }
  if (at(seen, 'list') === 200) {
    return degraded(PART, `${account} may list the bucket, so an agent can find what others left there`, apply);
  }
  const reached = publicUrl === null ? '' : ', reached this server';
  return ok(
    PART,
    `executed as ${account} after ${seconds} s, wrote and read what is its own, may list nothing${reached}`,
  );
};
