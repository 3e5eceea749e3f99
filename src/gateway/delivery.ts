/** The body of an answer on its way to the job: metered, redacted, and stopped where the budget ends. */
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { hasPrice } from '../core/pricing.ts';
import type { Run } from '../core/run.ts';
import { budgetOf, checkBudget } from './admission.ts';
import type { Flight, GatewayParts, Lane } from './lane.ts';
import type { Meter } from './meter.ts';
import { createRecorder } from './recorder.ts';
import { REFUSALS, type Refusal, RefusedError, refusalEvent } from './refusal.ts';
import { startWatch, type Watch } from './watch.ts';

export interface Delivery {
  readonly parts: GatewayParts;
  readonly lane: Lane;
  readonly flight: Flight;
  readonly run: Run;
  readonly body: Readable;
  /** Null when the answer is free. */
  readonly meter: Meter | null;
  readonly isStream: boolean;
  readonly response: ServerResponse;
}

/**
 * Passes an answer on. The end of a metered answer leaves only after its reading is durable; an answer that is cut,
 * by whomever, is recorded with what had arrived.
 */
export const deliver = async (delivery: Delivery): Promise<void> => {
  const { parts, lane, flight, meter } = delivery;
  const record = meter === null ? async () => {} : createRecorder(parts, lane, flight, meter);
  const watch = startWatch(parts.clock, parts.bounds.idleMs, () =>
    flight.cut({ refusal: REFUSALS.silent(parts.bounds.idleMs / 1_000) }),
  );
  try {
    const rest = await pump(delivery, record, watch);
    meter?.end();
    await record();
    delivery.response.end(rest);
  } catch (error) {
    meter?.end();
    await endCut(delivery, error, record);
  } finally {
    watch.stop();
    delivery.body.destroy();
  }
};

/** Passes on all but what could be the beginning of a secret at the very end, which it returns. */
const pump = async (delivery: Delivery, record: () => Promise<void>, watch: Watch): Promise<Uint8Array> => {
  const { parts, flight, meter, response } = delivery;
  const redactor = parts.redaction.stream();
  const listening = (): boolean => !response.destroyed;
  // Whoever leaves before the answer says what its input cost does not get that for free.
  const leave = (): void => {
    if (!response.writableFinished && (meter === null || meter.started())) flight.cut('client_gone');
  };
  response.once('close', leave);
  for await (const piece of delivery.body) {
    const bytes: Buffer = piece;
    watch.touch();
    meter?.push(bytes);
    if (meter?.complete() === true) await record();
    else if (meter !== null) requireBudget(delivery, meter);
    if (!listening()) leave();
    if (flight.signal.aborted) throw new Error('the request was cut');
    const out = redactor.push(bytes);
    if (out.length === 0 || !listening() || response.write(out)) continue;
    watch.hold();
    await readsOn(response, flight.signal);
    watch.touch();
  }
  if (flight.signal.aborted) throw new Error('the request was cut');
  return redactor.end();
};

/** Resolves when the client takes more, has gone, or the request is cut. */
const readsOn = (response: ServerResponse, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
    signal.addEventListener('abort', done);
    if (response.destroyed || signal.aborted) done();
  });

/** Throws where an answer that is being written takes the run to its budget, or out of what can be costed. */
const requireBudget = ({ lane, flight, run }: Delivery, meter: Meter): void => {
  if (budgetOf(run) === null || !meter.started()) return;
  const readings = meter.readings();
  flight.charge.soFar(readings);
  const unknown = readings.find((reading) => !hasPrice(reading.model));
  if (unknown !== undefined) throw new RefusedError(REFUSALS.priceUnknown(unknown.model));
  checkBudget(lane, run);
};

const refusalFor = (error: unknown, flight: Flight): Refusal | null => {
  if (error instanceof RefusedError) return error.refusal;
  const cut = flight.cutFor();
  return cut === null || cut === 'client_gone' ? null : cut.refusal;
};

const endCut = async (delivery: Delivery, error: unknown, record: () => Promise<void>): Promise<void> => {
  const { parts, lane, flight, response } = delivery;
  const refusal = refusalFor(error, flight);
  const stop = error instanceof RefusedError ? error.refusal.stop : null;
  try {
    await record();
    // The reading alone may not reach the budget: others are in flight, and sums are rounded.
    if (stop !== null) await parts.witness.stop(lane.runId, stop.reason, stop.detail);
    if (stop !== null && refusal !== null) lane.cutAll(refusal);
  } catch (failure) {
    lane.logger.error({ err: failure }, 'an answer that was cut could not be recorded');
    response.destroy();
    return;
  }
  if (refusal !== null && delivery.isStream && !response.destroyed) response.end(refusalEvent(refusal));
  else response.destroy();
  if (refusal === null && flight.cutFor() === null) {
    await lane.notices.tell('cut', 'The model service cut its answer short.');
  }
};
