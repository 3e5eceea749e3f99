/**
 * One request and its answer, streamed both ways: neither is ever held whole, and whoever is slow slows the other
 * down.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { hasPrice } from '../core/pricing.ts';
import type { Run } from '../core/run.ts';
import { type Admission, budgetOf, requireUnspent } from './admission.ts';
import { deliver } from './delivery.ts';
import { mayCost } from './estimate.ts';
import { createFieldScanner, parseJson } from './field-scanner.ts';
import { towardsJob, towardsModel } from './headers.ts';
import type { Flight, GatewayParts, Lane } from './lane.ts';
import { createBodyMeter, createStreamMeter, type Meter } from './meter.ts';
import { noticeOf } from './notices.ts';
import { REFUSALS, RefusedError } from './refusal.ts';
import { sendBody } from './request-body.ts';
import { decoderFor, whyUnreachable } from './upstream.ts';
import { startWatch, type Watch } from './watch.ts';

const LONGEST_MODEL = 256;
const LONGEST_NUMBER = 32;

/** Carries an admitted request to the model and its answer back. Throws a `RefusedError` when there is none to pass on. */
export const exchange = async (
  parts: GatewayParts,
  lane: Lane,
  flight: Flight,
  admission: Admission,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const model = createModelReader(admission);
  const answer = await ask(parts, flight, admission, request, model.read, async (watch, totalBytes) => {
    const budget = budgetOf(admission.run);
    if (!admission.metered || budget === null) return;
    // Nobody is asked anything meanwhile, so nobody is slow to answer.
    watch.hold();
    await awaitTurn(lane, flight, response, model.mayCost(totalBytes), budget);
    watch.touch();
  });
  const status = answer.statusCode ?? 502;
  if (status >= 300 && status < 400) throw new RefusedError(REFUSALS.redirected());
  await tellWitness(parts, lane, admission, status, answer);

  const encoding = (answer.headers['content-encoding'] ?? 'identity').toLowerCase();
  const body = encoding === 'identity' ? answer : decode(answer, encoding);
  const headers = towardsJob(answer.headers, parts.redaction, body !== answer);
  if (status === 401 || status === 403) headers['x-should-retry'] = 'false';
  const isStream = /^text\/event-stream\b/i.test(answer.headers['content-type'] ?? '');
  // A stream may get an event of ours at its end.
  if (isStream) delete headers['content-length'];
  response.writeHead(status, headers);
  response.flushHeaders();
  const meter = admission.metered && status < 300 ? createMeter(isStream, model.requested) : null;
  await deliver({ parts, lane, flight, run: admission.run, body, meter, isStream, response });
};

const createMeter = (isStream: boolean, requested: () => string | null): Meter =>
  isStream ? createStreamMeter(requested) : createBodyMeter(requested);

/** Sends the request and waits for the beginning of the answer, which may come before the request's end. */
const ask = async (
  parts: GatewayParts,
  flight: Flight,
  admission: Admission,
  request: IncomingMessage,
  inspect: (bytes: Uint8Array) => void,
  beforeLast: (watch: Watch, totalBytes: number) => Promise<void>,
): Promise<IncomingMessage> => {
  const call = parts.upstream.post(admission.path, towardsModel(request.headers, parts.credentials), flight.signal);
  const watch = startWatch(parts.clock, parts.bounds.firstByteMs, () =>
    flight.cut({ refusal: REFUSALS.silent(parts.bounds.firstByteMs / 1_000) }),
  );
  const look = (bytes: Uint8Array): void => {
    watch.touch();
    inspect(bytes);
  };
  const wait = (totalBytes: number): Promise<void> => beforeLast(watch, totalBytes);
  const sent = sendBody(request, call.request, parts.bounds.maxRequestBytes, look, wait);
  try {
    return await Promise.race([call.answer, sent.then(() => call.answer)]);
  } catch (error) {
    call.request.destroy();
    if (error instanceof RefusedError || flight.cutFor() !== null) throw error;
    throw new RefusedError(REFUSALS.unreachable(whyUnreachable(error)));
  } finally {
    watch.stop();
  }
};

/**
 * Reads the model's name as the request goes by: it is the first field that Claude Code writes. A budget needs to know
 * it before the end of the request, since a request that is cut is not answered; whoever hides the name is found by
 * the answer's.
 */
const createModelReader = (admission: Admission) => {
  const scanner = createFieldScanner({ model: LONGEST_MODEL, max_tokens: LONGEST_NUMBER });
  const hasBudget = admission.metered && budgetOf(admission.run) !== null;
  let name: string | null = null;
  return {
    requested: () => name,
    /** US dollars that the request and its answer cost at most, about. Asked when all of it was read. */
    mayCost: (totalBytes: number): number =>
      mayCost(name, totalBytes, parseJson(scanner.field('max_tokens')?.text ?? 'null')),
    read(bytes: Uint8Array): void {
      // With a budget to the end, for the length of the answer that it asks for.
      if (name !== null && !hasBudget) return;
      scanner.push(bytes);
      if (name !== null) return;
      const found = parseJson(scanner.field('model')?.text ?? 'null');
      if (typeof found !== 'string') return;
      name = found;
      if (admission.metered) requirePrice(admission.run, found);
    },
  };
};

/**
 * Waits until the request may begin. Throws a `RefusedError` when the budget was reached meanwhile; who has gone meanwhile
 * asks nothing any more.
 */
const awaitTurn = async (
  lane: Lane,
  flight: Flight,
  response: ServerResponse,
  costUsd: number,
  budgetUsd: number,
): Promise<void> => {
  const leave = (): void => flight.cut('client_gone');
  response.once('close', leave);
  if (response.destroyed) leave();
  try {
    await lane.turns.take(flight.charge, costUsd, budgetUsd, flight.signal);
  } finally {
    response.off('close', leave);
  }
  // It may have been given its turn while all are being cut.
  if (flight.signal.aborted) throw new Error('the request was cut');
  requireUnspent(lane, budgetUsd);
};

/** Throws when the run has a budget and answers of `model` cannot be costed. */
const requirePrice = (run: Run, model: string): void => {
  if (budgetOf(run) !== null && !hasPrice(model)) throw new RefusedError(REFUSALS.priceUnknown(model));
};

const decode = (answer: IncomingMessage, encoding: string): Readable => {
  const decoder = decoderFor(encoding);
  if (decoder === null) throw new RefusedError(REFUSALS.unreadable(encoding.slice(0, 40)));
  answer.on('error', (error) => decoder.destroy(error));
  answer.on('aborted', () => decoder.destroy(new Error('the answer was cut')));
  return answer.pipe(decoder);
};

/** What the status of an answer means for the run. */
const tellWitness = async (
  parts: GatewayParts,
  lane: Lane,
  admission: Admission,
  status: number,
  answer: IncomingMessage,
): Promise<void> => {
  const refused = status === 401 || (status === 403 && admission.metered);
  if (refused) {
    const id = parts.redaction.text(String(answer.headers['request-id'] ?? '')).slice(0, 80);
    const what = status === 403 ? 'HTTP 403: this key may not use the model or the service' : 'HTTP 401';
    const detail = id === '' ? what : `${what}; request ${id}`;
    await parts.witness
      .stop(lane.runId, 'model_credentials_refused', detail)
      .catch((error: unknown) => lane.logger.error({ err: error, status }, 'a run could not be asked to end'));
  }
  const retryAfter = answer.headers['retry-after'];
  const notice = noticeOf(status, retryAfter === undefined ? null : parts.redaction.text(retryAfter).slice(0, 40));
  if (notice !== null) await lane.notices.tell(String(status), notice);
};
