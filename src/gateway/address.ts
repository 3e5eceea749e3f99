/**
 * The way to the model by an address: for places that share no file system with the server. The run is known by its
 * token alone, and any process of the installation may be the one that is asked, so a lane is opened for whoever comes
 * with the token of a live run. The lane of a run that this process drives stays open until the run lets go of it.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RunId } from '../core/ids.ts';
import { isLive, type Run } from '../core/run.ts';
import type { Gateway, ModelAccess } from '../ports/gateway.ts';
import { presentedTokens } from './headers.ts';
import { createLane, type GatewayParts, type Lane } from './lane.ts';
import { createProxy } from './proxy.ts';
import { REFUSALS, RefusedError, refuse } from './refusal.ts';
import { isSameToken, runOf, runToken } from './tokens.ts';

export interface AddressGateway extends Gateway {
  /** Handles a request below the gateway's address; its path is that of the Messages API. */
  readonly handle: RequestListener;
}

export interface AddressOptions {
  readonly parts: GatewayParts;
  readonly secret: Uint8Array;
  /** Where places reach `handle`, without a slash at its end. */
  readonly address: string;
  /** Whose places come by it; the tokens of other runs are good on their own sockets alone. */
  readonly executor: string;
}

export const createAddressGateway = ({ parts, secret, address, executor }: AddressOptions): AddressGateway => {
  /** Of the runs that this process drives; closed ones stay until their run is over, so that their token is dead. */
  const held = new Map<RunId, Lane>();
  /** Of requests that came here for runs that another process drives. */
  const visiting = new Map<RunId, Lane>();

  const laneFor = async (id: RunId): Promise<Lane | null> => {
    const known = held.get(id) ?? visiting.get(id);
    if (known !== undefined) return known;
    const run = await parts.witness.find(id);
    if (run === null || !isLive(run) || run.executor !== executor) return null;
    // Asked for again: another request may have opened one meanwhile.
    const lane = held.get(id) ?? visiting.get(id) ?? createLane(parts, id, runToken(secret, id), run.costUsd);
    if (!held.has(id)) visiting.set(id, lane);
    return lane;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = presentedTokens(request.headers)
      .map((token) => genuineRun(secret, token))
      .find((run) => run !== null);
    const lane = id === undefined || id === null ? null : await laneFor(id);
    if (lane === null) {
      refuse(response, REFUSALS.badToken());
      return;
    }
    response.once('close', () => {
      // What it spent is on the run's record: the next one begins with that.
      if (lane.inFlight() === 0 && visiting.get(lane.runId) === lane) visiting.delete(lane.runId);
    });
    createProxy(parts, lane)(request, response);
  };

  return {
    handle: (request, response) => {
      handle(request, response).catch((error: unknown) => {
        parts.logger.error({ err: error }, 'a model request failed');
        if (error instanceof RefusedError) refuse(response, error.refusal);
        else if (!response.headersSent) refuse(response, REFUSALS.recordAway());
        else response.destroy();
      });
    },
    open: async (run: Run): Promise<ModelAccess> => {
      const newest = (await parts.witness.find(run.id)) ?? run;
      const token = runToken(secret, run.id);
      const lane = createLane(parts, run.id, token, newest.costUsd);
      const former = held.get(run.id) ?? visiting.get(run.id);
      held.set(run.id, lane);
      visiting.delete(run.id);
      if (former !== undefined) await former.close();
      await forgetOver(held, parts);
      return {
        env: { ANTHROPIC_BASE_URL: address, ANTHROPIC_API_KEY: token },
        socketDir: null,
        close: () => lane.close(),
      };
    },
    start: async () => undefined,
    stop: async () => {
      await Promise.all([...held.values(), ...visiting.values()].map((lane) => lane.close()));
      held.clear();
      visiting.clear();
      parts.upstream.close();
    },
  };
};

/** The run whose token this is; null for any other text. */
const genuineRun = (secret: Uint8Array, token: string): RunId | null => {
  const id = runOf(token);
  return id !== null && isSameToken(token, runToken(secret, id)) ? id : null;
};

/** Closed lanes of runs that are over: their record refuses the token by itself. */
const forgetOver = async (held: Map<RunId, Lane>, parts: GatewayParts): Promise<void> => {
  for (const [id, lane] of held) {
    if (!lane.closed()) continue;
    const run = await parts.witness.find(id);
    if (run === null || !isLive(run)) held.delete(id);
  }
};
