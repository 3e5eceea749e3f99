/** Names of everything that belongs to one attempt. Pure. */
import { createHmac } from 'node:crypto';
import { isRunId, type RunId } from '../../core/ids.ts';

/** One attempt of a run, with what only this installation knows of it. */
export interface Place {
  readonly runId: RunId;
  /** Durable name: `<run>/<attempt>`. */
  readonly ref: string;
  /** Unlike any other build's; a build is found again by it. */
  readonly tag: string;
  /** What the names of its objects begin with: nobody can guess it, and no account of a step may list. */
  readonly prefix: string;
  /** The same for all but the bundle: who found that, or its name in a log, knows none of the others. */
  readonly results: string;
  /** Signs the frames of its output. */
  readonly key: Uint8Array;
  /** Lets its runner post output. */
  readonly token: string;
}

/** On every build of ours. */
export const COMMON_TAG = 'slipway';
export const JOBS = 'jobs/';

const ATTEMPT = /^[1-9]\d{0,8}$/;
const derive = (secret: Uint8Array, purpose: string, ref: string): Buffer =>
  createHmac('sha256', secret).update(`slipway cloud build ${purpose} v1\0${ref}`).digest();

/** The place that a reference names; null when it names none. */
export const placeOf = (secret: Uint8Array, ref: string): Place | null => {
  const [runId = '', attempt = '', ...rest] = ref.split('/');
  if (!isRunId(runId) || !ATTEMPT.test(attempt) || rest.length > 0) return null;
  const prefix = `${JOBS}${ref}/${derive(secret, 'objects', ref).toString('hex')}/`;
  return {
    runId,
    ref,
    tag: `slipway-${runId}-${attempt}`,
    prefix,
    results: `${prefix}${derive(secret, 'results', ref).toString('hex')}/`,
    key: derive(secret, 'frames', ref),
    token: `slwplace_${derive(secret, 'live', ref).toString('base64url')}`,
  };
};

/** The references that object names below `jobs/` are of. */
export const refOf = (object: string): string | null => /^jobs\/([^/]+\/[^/]+)\//.exec(object)?.[1] ?? null;
