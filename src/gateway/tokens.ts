/**
 * Run tokens. Anyone inside a place can read its token, so it is worth nothing outside: it names one run, is
 * accepted on that run's socket alone, and only while the run is live.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isRunId, isUuid, type RunId } from '../core/ids.ts';

const PREFIX = 'slwrun_';
const PURPOSE = 'slipway run token v1\0';

/** The token of a run: the same for the same secret, in any process. */
export const runToken = (secret: Uint8Array, run: RunId): string => {
  if (secret.length !== 32) throw new RangeError(`A token secret has 32 bytes, not ${secret.length}.`);
  if (!isUuid(run)) throw new RangeError('A run id is a UUID.');
  const mac = createHmac('sha256', secret).update(PURPOSE).update(run).digest('base64url');
  return `${PREFIX}${run}_${mac}`;
};

const TOKEN = /^slwrun_([0-9a-f-]{36})_/;
/** The run that a token names, whether it is genuine or not; null when it names none. */
export const runOf = (token: string): RunId | null => {
  const id = TOKEN.exec(token)?.[1] ?? '';
  return isRunId(id) ? id : null;
};

/** True when `presented` is `expected`; takes the same time wherever they differ. */
export const isSameToken = (presented: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(presented), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
};
