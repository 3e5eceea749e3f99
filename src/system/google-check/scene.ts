/** What is looked at, and what every part of the check shares. */
import type { Finding } from '../../ports/executor.ts';
import { type Answer, at, type Call, listAt } from './call.ts';

/** Addresses of Google's services, each ending with a slash; those of emulators are on this machine. */
export interface GoogleRoots {
  readonly cloudBuild: string;
  readonly storage: string;
  readonly firestore: string;
  readonly secretManager: string;
  readonly serviceUsage: string;
  readonly resourceManager: string;
  readonly iam: string;
  readonly scheduler: string;
  readonly pubsub: string;
}

export const GOOGLE_ROOTS: GoogleRoots = {
  cloudBuild: 'https://cloudbuild.googleapis.com/',
  storage: 'https://storage.googleapis.com/',
  firestore: 'https://firestore.googleapis.com/',
  secretManager: 'https://secretmanager.googleapis.com/',
  serviceUsage: 'https://serviceusage.googleapis.com/',
  resourceManager: 'https://cloudresourcemanager.googleapis.com/',
  iam: 'https://iam.googleapis.com/',
  scheduler: 'https://cloudscheduler.googleapis.com/',
  pubsub: 'https://pubsub.googleapis.com/',
};

export interface GoogleScene {
  readonly call: Call;
  readonly roots: GoogleRoots;
  readonly project: string;
  readonly region: string;
  readonly bucket: string;
  readonly database: string;
  readonly runnerServiceAccount: string | null;
  readonly invoker: string | null;
  readonly workerPool: string | null;
  /** Version in Secret Manager. */
  readonly modelSecret: string | null;
  readonly publicUrl: string | null;
  /** The composite indexes that there have to be: the text of indexes.json; null where it is not at hand. */
  readonly indexes: string | null;
  /** Whom the checks are made as; null when that cannot be known. */
  readonly account: string | null;
  /** Part of the names of what is written and removed again. */
  readonly probe: string;
}

export const ok = (part: string, detail: string): Finding => ({ part, status: 'ok', detail, mend: null });
export const degraded = (part: string, detail: string, mend: string | null): Finding => ({
  part,
  status: 'degraded',
  detail,
  mend,
});
export const missing = (part: string, detail: string, mend: string | null): Finding => ({
  part,
  status: 'missing',
  detail,
  mend,
});

/** For a shell; what settings may hold needs no quotes, but a default database has brackets. */
export const word = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** `--member=…` for whoever the checks are made as. */
export const member = ({ account }: GoogleScene): string => {
  if (account === null) return '--member=serviceAccount:THE_SERVERS_ACCOUNT';
  return `--member=${account.endsWith('.gserviceaccount.com') ? 'serviceAccount' : 'user'}:${account}`;
};

/** Commands that mend what a call was refused for. */
export interface Mends {
  readonly api: string;
  /** Grants the role; null where there is none to grant. */
  readonly denied: string | null;
  readonly unknown: string | null;
}

export const succeeded = ({ status }: Answer): boolean => status >= 200 && status < 300;

const messageOf = ({ status, body, problem }: Answer): string => {
  const told = at(body, 'error', 'message') ?? at(body, 0, 'error', 'message') ?? body;
  const text = problem ?? (typeof told === 'string' && told !== '' ? told : 'no reason given');
  return `${status === 0 ? '' : `HTTP ${status}: `}${text.replaceAll(/\s+/g, ' ').slice(0, 300)}`;
};

/** Reasons that Google gives in `error.details`, such as `SERVICE_DISABLED`. */
const reasonsOf = (body: unknown): readonly unknown[] =>
  [...listAt(body, 'error', 'details'), ...listAt(body, 0, 'error', 'details')].map((detail) => at(detail, 'reason'));

const isDisabled = (answer: Answer): boolean =>
  reasonsOf(answer.body).includes('SERVICE_DISABLED') || /API has not been used|is disabled/.test(messageOf(answer));

/** A refused call as a finding: what was tried, what was said, and what mends it. */
export const refusal = (scene: GoogleScene, part: string, tried: string, answer: Answer, mends: Mends): Finding => {
  const detail = `could not ${tried}: ${messageOf(answer)}`;
  if (answer.status === 0) return missing(part, detail, mendSilence(answer));
  if (isDisabled(answer))
    return missing(part, detail, `gcloud services enable ${mends.api} --project=${scene.project}`);
  if (answer.status === 401) return missing(part, detail, LOGIN);
  if (answer.status === 403) return missing(part, detail, mends.denied);
  if (answer.status === 404) return missing(part, detail, mends.unknown);
  if (answer.status === 429) return degraded(part, detail, quotaAddress(scene, mends.api));
  return missing(part, detail, null);
};

const LOGIN = 'gcloud auth application-default login';

/** When nothing came back: there are no credentials, or Google is out of reach. */
export const mendSilence = ({ problem }: Answer): string =>
  /credentials|invalid_grant|reauth/i.test(problem ?? '') ? LOGIN : 'Check that Google can be reached from here.';

/** Where more of a quota is asked for. */
export const quotaAddress = ({ project }: GoogleScene, api: string): string =>
  `Ask for more at https://console.cloud.google.com/iam-admin/quotas?service=${api}&project=${project}`;
