/** What a job must be like before anything is made for it. Pure. */
import type { Source } from '../../core/agent.ts';
import { DomainError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import type { Job } from '../../ports/executor.ts';
import type { BundleOptions } from './bundle.ts';

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const IMAGE_HINT = 'Remove it from the agent, or put it into the runner image (SLIPWAY_RUNNER_IMAGE).';

const refuse = (what: string): never => {
  throw new DomainError('place_failed', `The job cannot be started: ${what}.`, { hint: 'Nothing was executed.' });
};

const isRelative = (path: string): boolean =>
  !path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'));

/** By https, or from a private host by http; without a user in the address, and not an option of git. */
const requireSource = ({ git, ref }: Source, privateHosts: readonly string[]): void => {
  const url = URL.canParse(git) ? new URL(git) : null;
  const isPlain = url?.protocol === 'http:' && privateHosts.some((host) => [url.host, url.hostname].includes(host));
  if (url === null || (url.protocol !== 'https:' && !isPlain) || url.username !== '' || url.password !== '') {
    throw new DomainError('source_failed', 'The repository has no https address, or one with a user in it.', {
      hint: 'Nothing was executed. Give an https address. Builds have no credentials for repositories.',
    });
  }
  if (ref.startsWith('-')) {
    throw new DomainError('source_failed', 'The ref of the repository begins with a dash.', {
      hint: 'Nothing was executed. Give a branch, a tag or a commit.',
    });
  }
};

/**
 * Throws `place_failed` for a job that no build could take. `programs` are those that can be provided; not `metered` is
 * a place that talks to the model by itself.
 */
export const requireStartable = (
  job: Job,
  { programs, registries }: Pick<BundleOptions, 'programs' | 'registries'>,
  metered: boolean,
): void => {
  if (!isUuid(job.runId)) refuse('its run id is no UUID');
  if (!metered && job.limits.maxBudgetUsd !== null) {
    throw new DomainError('place_failed', 'No budget can be kept without the gateway, which builds cannot reach.', {
      hint: 'Nothing was executed. Set SLIPWAY_PUBLIC_URL, or remove maxBudgetUsd.',
    });
  }
  if (!Number.isInteger(job.attempt) || job.attempt < 1 || job.attempt > 999_999_999) {
    refuse('its attempt is no positive number');
  }
  if (job.packages.length > 0 && registries.wantCredentials) {
    throw new DomainError('packages_failed', 'Credentials of a registry are not brought into builds.', {
      hint: `Nothing was executed. ${IMAGE_HINT}`,
    });
  }
  if (job.source !== null) requireSource(job.source, registries.privateHosts);
  if (!job.program.startsWith('/') && !Object.hasOwn(programs, job.program)) {
    refuse(`this server has no program ${JSON.stringify(job.program)}`);
  }
  if ([job.program, ...job.args].some((text) => text.includes('\0'))) refuse('an argument holds a NUL byte');
  for (const [name, value] of Object.entries(job.env)) {
    if (!ENV_NAME.test(name)) refuse(`an environment variable is named ${JSON.stringify(name)}`);
    if (value.includes('\0')) refuse(`environment variable ${name} holds a NUL byte`);
  }
  const bad = [...job.files.map((file) => file.path), ...job.keep].find((path) => !isRelative(path));
  if (bad !== undefined) refuse(`${JSON.stringify(bad)} is no path below its root`);
};
