/** Handles what comes in for one run. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { admit } from './admission.ts';
import { exchange } from './exchange.ts';
import type { Flight, GatewayParts, Lane } from './lane.ts';
import { REFUSALS, type Refusal, RefusedError, refuse } from './refusal.ts';

/** The handler resolves when nothing of the request goes on, its metering included; it never rejects. */
export const createProxy =
  (parts: GatewayParts, lane: Lane) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Either side may break off at any time; it is seen by the other events.
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    try {
      await handle(parts, lane, request, response);
    } catch (error) {
      lane.logger.error({ err: error }, 'a model request failed');
      response.destroy();
    }
  };

const handle = async (
  parts: GatewayParts,
  lane: Lane,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  try {
    const admission = await admit(parts, lane, request);
    if (response.destroyed) return;
    const flight = lane.begin();
    response.once('close', () => onClose(request, response, flight, admission.metered));
    try {
      await exchange(parts, lane, flight, admission, request, response);
    } catch (error) {
      throw asRefusal(error, flight);
    } finally {
      // An answer may come before its request has ended; the rest of the request goes nowhere then.
      if (!request.complete) flight.cut('client_gone');
      flight.end();
    }
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    await decline(parts, lane, response, error.refusal);
  }
};

/**
 * The client has gone. A request that was sent whole is not broken off at once: the model has been asked, and the
 * answer's beginning says what that cost; `deliver` ends it there.
 */
const onClose = (request: IncomingMessage, response: ServerResponse, flight: Flight, metered: boolean): void => {
  if (response.writableFinished) return;
  if (!metered || !request.complete) flight.cut('client_gone');
};

const asRefusal = (error: unknown, flight: Flight): unknown => {
  const cut = flight.cutFor();
  if (error instanceof RefusedError || cut === null) return error;
  return new RefusedError(cut === 'client_gone' ? REFUSALS.closed() : cut.refusal);
};

const decline = async (parts: GatewayParts, lane: Lane, response: ServerResponse, refusal: Refusal): Promise<void> => {
  if (refusal.stop !== null) {
    const { reason, detail } = refusal.stop;
    await parts.witness
      .stop(lane.runId, reason, detail)
      .catch((error: unknown) => lane.logger.error({ err: error, reason }, 'a run could not be asked to end'));
    lane.cutAll(refusal);
  }
  if (refusal.status === 502) await lane.notices.tell(refusal.message, refusal.message);
  refuse(response, refusal);
};
