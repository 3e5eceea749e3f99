/** What the gateway keeps of one run while its way is open: its spending, and its requests in flight. */
import type { RunId } from '../core/ids.ts';
import type { CostUsd } from '../core/usage.ts';
import type { Clock } from '../ports/clock.ts';
import type { Witness } from '../ports/gateway.ts';
import type { Logger } from '../ports/logger.ts';
import type { Credentials } from './headers.ts';
import { type Charge, createLedger, type Ledger } from './ledger.ts';
import { createNotices, type Notices } from './notices.ts';
import type { Redaction } from './redact.ts';
import { REFUSALS, type Refusal } from './refusal.ts';
import { createTurns, type Turns } from './turns.ts';
import type { Upstream } from './upstream.ts';

/** What all lanes share. */
export interface GatewayParts {
  readonly upstream: Upstream;
  readonly credentials: Credentials;
  readonly redaction: Redaction;
  readonly witness: Witness;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bounds: Bounds;
}

export interface Bounds {
  /** Longest wait for the first byte of an answer. */
  readonly firstByteMs: number;
  /** Longest silence within an answer. */
  readonly idleMs: number;
  readonly maxRequestBytes: number;
  /** Requests of one run at once. */
  readonly maxInFlight: number;
}

/** Why a request in flight is cut: with something to tell the client, or because nobody listens. */
export type Cut = { readonly refusal: Refusal } | 'client_gone';

/** One request on its way. */
export interface Flight {
  readonly signal: AbortSignal;
  readonly charge: Charge;
  /** The first reason stays. */
  cut(reason: Cut): void;
  /** Why it was cut; null when it was not. */
  cutFor(): Cut | null;
  end(): void;
}

export interface Lane {
  readonly runId: RunId;
  readonly token: string;
  readonly ledger: Ledger;
  readonly turns: Turns;
  readonly notices: Notices;
  readonly logger: Logger;
  inFlight(): number;
  closed(): boolean;
  begin(): Flight;
  /** Cuts every request in flight but one. */
  cutAll(refusal: Refusal, but?: Flight): void;
  /** Cuts all, lets no more begin, and resolves when the last one has recorded what it used. */
  close(): Promise<void>;
}

export const createLane = (parts: GatewayParts, runId: RunId, token: string, spent: CostUsd): Lane => {
  const ledger = createLedger(spent);
  const turns = createTurns(ledger);
  const logger = parts.logger.child({ runId });
  const flights = new Set<Flight>();
  let closed = false;
  let whenEmpty: (() => void) | null = null;

  const begin = (): Flight => {
    const abort = new AbortController();
    const charge = ledger.open();
    let cutFor: Cut | null = null;
    const flight: Flight = {
      signal: abort.signal,
      charge,
      cutFor: () => cutFor,
      cut(reason) {
        cutFor ??= reason;
        abort.abort();
      },
      end() {
        charge.close();
        flights.delete(flight);
        turns.freed();
        if (flights.size === 0) whenEmpty?.();
      },
    };
    flights.add(flight);
    return flight;
  };

  const cutAll = (refusal: Refusal, but?: Flight): void => {
    for (const flight of flights) if (flight !== but) flight.cut({ refusal });
  };

  const write = async (text: string): Promise<void> => {
    try {
      await parts.witness.note(runId, [{ type: 'log', data: { stream: 'slipway', level: 'warn', text } }]);
    } catch (error) {
      logger.error({ err: error, text }, 'a notice about the model service could not be recorded');
    }
  };

  return {
    runId,
    token,
    ledger,
    turns,
    logger,
    notices: createNotices(parts.clock, write),
    inFlight: () => flights.size,
    closed: () => closed,
    begin,
    cutAll,
    async close() {
      closed = true;
      cutAll(REFUSALS.closed());
      if (flights.size > 0) await new Promise<void>((resolve) => (whenEmpty = resolve));
    },
  };
};
