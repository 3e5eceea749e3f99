/** The account of builds, the server's public address, and who calls it there. */
import type { Finding } from '../../ports/executor.ts';
import { at, listAt, textsAt } from './call.ts';
import { degraded, type GoogleScene, member, missing, ok, refusal, succeeded } from './scene.ts';

const PART = 'runner account';
const ACT_AS = 'iam.serviceAccounts.actAs';

export const checkRunnerAccount = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project, runnerServiceAccount: email } = scene;
  const create = `gcloud iam service-accounts create slipway-runner --project=${project}`;
  if (email === null) {
    const detail = "none is set: steps run as the project's default account, whose token every agent can get";
    return degraded(
      PART,
      detail,
      `${create} && export SLIPWAY_RUNNER_SERVICE_ACCOUNT=slipway-runner@${project}.iam.gserviceaccount.com`,
    );
  }
  const answer = await call(`${roots.iam}v1/projects/-/serviceAccounts/${email}:testIamPermissions`, {
    method: 'POST',
    json: { permissions: [ACT_AS] },
  });
  const grant = `gcloud iam service-accounts add-iam-policy-binding ${email} ${member(scene)} --role=roles/iam.serviceAccountUser --project=${project}`;
  if (!succeeded(answer)) {
    return refusal(scene, PART, `look at ${email}`, answer, {
      api: 'iam.googleapis.com',
      denied: grant,
      unknown: `gcloud iam service-accounts create ${email.split('@')[0]} --project=${project}`,
    });
  }
  if (!textsAt(answer.body, 'permissions').includes(ACT_AS)) {
    return missing(PART, `${scene.account ?? 'this account'} may not start builds as ${email}`, grant);
  }
  return surplusOf(scene, email);
};

/** Any program in a step can act as this account, so every role that it has on the project is one that agents have. */
const surplusOf = async (scene: GoogleScene, email: string): Promise<Finding> => {
  const { call, roots, project } = scene;
  const policy = await call(`${roots.resourceManager}v1/projects/${project}:getIamPolicy`, {
    method: 'POST',
    json: {},
  });
  if (!succeeded(policy)) return ok(PART, `${email}; whether it has roles on the project, this account may not see`);
  const held = listAt(policy.body, 'bindings')
    .filter((binding) => textsAt(binding, 'members').includes(`serviceAccount:${email}`))
    .map((binding) => String(at(binding, 'role')));
  const [first] = held;
  if (first === undefined) return ok(PART, `${email}, without a role on the project`);
  return degraded(
    PART,
    `${email} has ${held.join(', ')} on the project, and so has every agent`,
    `gcloud projects remove-iam-policy-binding ${project} --member=serviceAccount:${email} --role=${first} --all`,
  );
};

/** Our server has to be there, and to refuse whoever calls without a token. */
export const checkAddress = async (scene: GoogleScene): Promise<Finding> => {
  const { call, publicUrl, invoker } = scene;
  const part = 'public url';
  if (publicUrl === null) {
    const detail = 'none is set: no gateway, no budgets, and live events come some seconds late';
    return degraded(part, detail, 'export SLIPWAY_PUBLIC_URL=https://…');
  }
  // Not /healthz: Google's front end keeps some addresses that end with a z for itself.
  const [document, refused] = await Promise.all([
    call(`${publicUrl}/openapi.json`, { anonymous: true }),
    call(`${publicUrl}/internal/reconcile`, { method: 'POST', json: {}, anonymous: true }),
  ]);
  if (document.status === 0) {
    return missing(part, `${publicUrl} does not answer: ${document.problem}`, 'gcloud run services list');
  }
  if (document.status === 403) {
    const detail = `${publicUrl} lets only Google accounts in, and builds come with the token of their run`;
    return missing(
      part,
      detail,
      `gcloud run services update slipway --no-invoker-iam-check --region=${scene.region} --project=${scene.project}`,
    );
  }
  if (!succeeded(document) || at(document.body, 'info', 'title') !== 'Slipway') {
    const detail = `what answers at ${publicUrl} is no Slipway (HTTP ${document.status})`;
    return missing(
      part,
      detail,
      `gcloud run services describe slipway --region=${scene.region} --project=${scene.project} --format='value(status.url)'`,
    );
  }
  if (refused.status !== 401) {
    return missing(
      part,
      `/internal/reconcile answers HTTP ${refused.status} to a call without a token; it should be 401`,
      'gcloud run services logs read slipway',
    );
  }
  if (invoker === null) {
    return degraded(
      part,
      `${publicUrl}; nobody may wake the server: SLIPWAY_INVOKER is not set`,
      'terraform -chdir=deploy/terraform apply',
    );
  }
  return ok(part, `${publicUrl} is this installation's kind of server, and refuses calls without a token`);
};

/** The job that drives runs on where no request does. */
export const checkScheduler = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project, region, publicUrl, invoker } = scene;
  const part = 'scheduler';
  if (publicUrl === null || invoker === null) return ok(part, 'not needed: no address and account to call with');
  const answer = await call(`${roots.scheduler}v1/projects/${project}/locations/${region}/jobs?pageSize=500`);
  if (answer.status === 403 && scene.account?.endsWith('.gserviceaccount.com') === true) {
    return ok(part, 'not to be seen by this account');
  }
  if (!succeeded(answer)) {
    return refusal(scene, part, 'list jobs', answer, {
      api: 'cloudscheduler.googleapis.com',
      denied: `gcloud projects add-iam-policy-binding ${project} ${member(scene)} --role=roles/cloudscheduler.viewer`,
      unknown: null,
    });
  }
  const job = listAt(answer.body, 'jobs').find(
    (one) => at(one, 'httpTarget', 'uri') === `${publicUrl}/internal/reconcile`,
  );
  if (job === undefined)
    return missing(part, 'no job calls /internal/reconcile', 'terraform -chdir=deploy/terraform apply');
  const name = String(at(job, 'name')).replace(/^.*\//, '');
  if (at(job, 'state') !== 'ENABLED') {
    return missing(
      part,
      `${name} is ${String(at(job, 'state'))}`,
      `gcloud scheduler jobs resume ${name} --location=${region} --project=${project}`,
    );
  }
  const code = Number(at(job, 'status', 'code') ?? 0);
  if (code !== 0) {
    return degraded(
      part,
      `the last call of ${name} failed (code ${code})`,
      `gcloud scheduler jobs run ${name} --location=${region} --project=${project} && gcloud run services logs read slipway --region=${region}`,
    );
  }
  return ok(part, `${name} calls each minute`);
};

/** The subscription that tells of builds. */
export const checkPush = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project, publicUrl, invoker } = scene;
  const part = 'build events';
  if (publicUrl === null || invoker === null) return ok(part, 'not needed: no address and account to call with');
  const answer = await call(`${roots.pubsub}v1/projects/${project}/subscriptions?pageSize=1000`);
  if (answer.status === 403 && scene.account?.endsWith('.gserviceaccount.com') === true) {
    return ok(part, 'not to be seen by this account');
  }
  if (!succeeded(answer)) {
    return refusal(scene, part, 'list subscriptions', answer, {
      api: 'pubsub.googleapis.com',
      denied: `gcloud projects add-iam-policy-binding ${project} ${member(scene)} --role=roles/pubsub.viewer`,
      unknown: null,
    });
  }
  const found = listAt(answer.body, 'subscriptions').find(
    (one) => at(one, 'pushConfig', 'pushEndpoint') === `${publicUrl}/internal/build-events`,
  );
  if (found === undefined) {
    return degraded(
      part,
      'nothing tells of builds that end: it is seen a minute later',
      'terraform -chdir=deploy/terraform apply',
    );
  }
  if (!String(at(found, 'topic')).endsWith('/topics/cloud-builds')) {
    return missing(
      part,
      `the subscription is on ${String(at(found, 'topic'))}; Cloud Build tells cloud-builds`,
      'terraform -chdir=deploy/terraform apply',
    );
  }
  return ok(part, 'pushed from cloud-builds');
};
