/** Whether builds can run, found out by trying: the bucket is written to and read, and builds are listed. */
import { isDomainError } from '../../core/errors.ts';
import type { Finding, Readiness } from '../../ports/executor.ts';
import { COMMON_TAG } from './names.ts';
import type { Google } from './transport.ts';

export interface CheckOptions {
  readonly project: string;
  readonly region: string;
  readonly bucket: string;
  readonly runnerServiceAccount: string | null;
  readonly publicUrl: string | null;
}

const PROBE = 'probes/readiness';

const attempt = async (part: string, detail: string, act: () => Promise<unknown>): Promise<Finding> => {
  try {
    await act();
    return { part, status: 'ok', detail, mend: null };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { part, status: 'missing', detail: error.message, mend: error.hint ?? null };
  }
};

/** Tries every part. */
export const checkGoogle = async (google: Google, options: CheckOptions): Promise<Readiness> => {
  const { project, region, bucket, runnerServiceAccount, publicUrl } = options;
  const findings = await Promise.all([
    attempt('cloud storage', `gs://${bucket}`, async () => {
      await google.remove(PROBE);
      await google.putOnce(PROBE, Buffer.from('slipway'));
      await google.read(PROBE);
      await google.remove(PROBE);
    }),
    attempt('cloud build', `${project}, ${region}`, () => google.page(`tags="${COMMON_TAG}"`, null)),
  ]);
  const account: Finding =
    runnerServiceAccount === null
      ? {
          part: 'runner account',
          status: 'degraded',
          detail: "steps run as the project's default account, whose token every agent can get",
          mend: 'Set SLIPWAY_RUNNER_SERVICE_ACCOUNT to an account that may only read and create objects in the bucket.',
        }
      : { part: 'runner account', status: 'ok', detail: runnerServiceAccount, mend: null };
  const address: Finding =
    publicUrl === null
      ? {
          part: 'public address',
          status: 'degraded',
          detail: 'builds cannot reach this server: no gateway, no budget, and live events come some seconds late',
          mend: 'Set SLIPWAY_PUBLIC_URL.',
        }
      : { part: 'public address', status: 'ok', detail: publicUrl, mend: null };
  const all = [...findings, account, address];
  return { ready: all.every(({ status }) => status !== 'missing'), findings: all };
};
