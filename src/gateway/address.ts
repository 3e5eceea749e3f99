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

interface Visit {
  readonly lane: Lane;
  readonly requests: number;
}

export const createAddressGateway = ({ parts, secret, address, executor }: AddressOptions): AddressGateway => {
  /** Of the runs that this process drives; closed ones stay until their run is over, so that their token is dead. */
  const held = new Map<RunId, Lane>();
  /** Of runs that another process drives: open while requests for them are here. */
  const visiting = new Map<RunId, Visit>();

  const laneOf = (id: RunId): Lane | undefined => held.get(id) ?? visiting.get(id)?.lane;

  const visit = (lane: Lane): Lane => {
    const requests = visiting.get(lane.runId)?.requests ?? 0;
    visiting.set(lane.runId, { lane, requests: requests + 1 });
    return lane;
  };

  /** Without the last request its lane goes: what it spent is on the run's record, with which the next one begins. */
  const leave = (lane: Lane): void => {
    const present = visiting.get(lane.runId);
    if (present?.lane !== lane) return;
    if (present.requests === 1) visiting.delete(lane.runId);
    else visiting.set(lane.runId, { lane, requests: present.requests - 1 });
  };

  /** The lane of a run, to be left again; null where the token is good for nothing here. */
  const enter = async (id: RunId): Promise<Lane | null> => {
    let lane = laneOf(id);
    if (lane === undefined) {
      const run = await parts.witness.find(id);
      if (run === null || !isLive(run) || run.executor !== executor) return null;
      // Asked for again: another request may have opened one meanwhile.
      lane = laneOf(id) ?? createLane(parts, id, runToken(secret, id), run.costUsd);
    }
    return held.has(id) ? lane : visit(lane);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = presentedTokens(request.headers)
      .map((token) => genuineRun(secret, token))
      .find((run) => run !== null);
    const lane = id === undefined || id === null ? null : await enter(id);
    if (lane === null) {
      refuse(response, REFUSALS.badToken());
      return;
    }
    await createProxy(parts, lane)(request, response);
    leave(lane);
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
      const former = laneOf(run.id);
      held.set(run.id, lane);
      visiting.delete(run.id);
      await former?.close();
      await forgetOver(held, parts);
      return {
        env: { ANTHROPIC_BASE_URL: address, ANTHROPIC_API_KEY: token },
        socketDir: null,
        close: () => lane.close(),
      };
    },
    start: async () => undefined,
    stop: async () => {
      const visited = [...visiting.values()].map(({ lane }) => lane);
      await Promise.all([...held.values(), ...visited].map((lane) => lane.close()));
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
