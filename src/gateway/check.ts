/**
 * Whether the model service is there and knows the credentials, found out by asking it something that costs nothing:
 * the list of models, else, of services that have none, the length of one word.
 */
import type { IncomingMessage } from 'node:http';
import { isDomainError } from '../core/errors.ts';
import type { Instant } from '../core/ids.ts';
import type { Finding } from '../ports/executor.ts';
import { type Credentials, towardsModel } from './headers.ts';
import { faultOf, notReached, notUnderstood, readAnswer } from './model-service-answer.ts';
import { describeProxy, type ProxySettings } from './outgoing-proxy.ts';
import { openUpstream, type Upstream, whyUnreachable } from './upstream.ts';

export interface ModelServiceOptions extends Credentials {
  readonly baseUrl: string;
  readonly proxies: ProxySettings;
  /** Certificates in PEM form that vouch for the service, besides the public ones. */
  readonly authorities: readonly string[];
  now(): Instant;
  /** How long each question may take. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** A word that needs no model in particular: any answer but a refusal says that the credentials are known. */
const WORD = { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: 'Hello' }] };

const receive = async (answer: Promise<IncomingMessage>) => {
  const message = await answer;
  // A connection is free again when its answer was read, and nothing in it matters.
  message.resume();
  return { status: message.statusCode ?? 0, date: Date.parse(message.headers.date ?? '') };
};

type Received = Awaited<ReturnType<typeof receive>>;

const askFor = async (upstream: Upstream, options: ModelServiceOptions): Promise<readonly [Finding, Received]> => {
  const signal = () => AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const headers = towardsModel({ accept: 'application/json', 'anthropic-version': '2023-06-01' }, options);
  const listed = await receive(upstream.get('/v1/models?limit=1', headers, signal()).answer);
  const read = readAnswer(listed.status, options, upstream.baseUrl);
  if (read !== null) return [read, listed];
  const body = JSON.stringify(WORD);
  const more = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const call = upstream.post('/v1/messages/count_tokens', { ...headers, ...more }, signal());
  call.request.end(body);
  const counted = await receive(call.answer);
  // 400 is said of the question, by somebody who let us ask it.
  const status = counted.status === 400 ? 200 : counted.status;
  return [readAnswer(status, options, upstream.baseUrl) ?? notUnderstood(counted.status, upstream.baseUrl), counted];
};

const MOST_SKEW_MS = 60_000;

const clock = (date: number, now: Instant): Finding => {
  const off = Math.round(Math.abs(now - date) / 1_000);
  if (off * 1_000 <= MOST_SKEW_MS) {
    return { part: 'clock', status: 'ok', detail: 'agrees with the model service', mend: null };
  }
  const detail = `${off} s ${now > date ? 'ahead of' : 'behind'} the clock of the model service`;
  return { part: 'clock', status: 'degraded', detail, mend: 'sudo timedatectl set-ntp true' };
};

const proxyFinding = (proxy: URL): Finding => ({
  part: 'proxy',
  status: 'ok',
  detail: `${describeProxy(proxy)}, on the way to the model service`,
  mend: null,
});

/** Tries the credentials; of a service that says what time it is, the clock too; and names the proxy on the way. */
export const checkModelService = async (options: ModelServiceOptions): Promise<readonly Finding[]> => {
  const fault = faultOf(options);
  if (fault !== null) return [fault];
  let upstream: Upstream;
  try {
    upstream = openUpstream(options.baseUrl, options.proxies, options.authorities);
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return [{ part: 'credentials', status: 'missing', detail: error.message, mend: error.hint ?? null }];
  }
  const { proxy } = upstream;
  const ways = proxy === null ? [] : [proxyFinding(proxy)];
  try {
    const [finding, { date }] = await askFor(upstream, options);
    return [finding, ...ways, ...(Number.isNaN(date) ? [] : [clock(date, options.now())])];
  } catch (error) {
    const why =
      error instanceof Error && /^(?:AbortError|TimeoutError)$/.test(error.name)
        ? 'no answer in time'
        : whyUnreachable(error);
    return [notReached(why, upstream.baseUrl, proxy === null ? null : describeProxy(proxy)), ...ways];
  } finally {
    upstream.close();
  }
};
