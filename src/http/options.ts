/** What the HTTP server is made of. */
import type { UserId } from '../core/ids.ts';
import type { Engine } from '../engine/deps.ts';
import type { Readiness } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { AuthMode } from './auth.ts';
import type { InternalOptions } from './routes/internal.ts';
import type { Ui } from './static.ts';
import type { Talk } from './talk.ts';

/** One answered request, for metrics. */
export interface Served {
  readonly method: string;
  /** The route's pattern, such as `/runs/{runId}`; `unmatched` when there is none. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

export interface HttpOptions {
  readonly engine: Engine;
  readonly auth: AuthMode;
  readonly version: string;
  /** The demo model answers instead of a real one. */
  readonly demo: boolean;
  /** Conversations with the designer. */
  readonly talk: Talk;
  /** The dashboard; where it was not built, a page that says so stands in its place. */
  readonly ui?: Ui | null;
  /** The address that clients reach the server at; null when it is only the one that it listens at. */
  readonly publicUrl: string | null;
  /** Whether runs can be accepted and executed at this moment. */
  readonly ready: () => Promise<Readiness>;
  /** The metrics in the Prometheus text format. */
  readonly metrics: () => Promise<string>;
  readonly logger: Logger;
  /** Requests a second and user, with bursts of four times as many; 0 turns the limit off. */
  readonly rateLimit?: number;
  readonly bodyLimitBytes?: number;
  /** A stream whose reader takes nothing for this long is closed. */
  readonly streamStallMs?: number;
  /** Ends the open streams, so that the server can stop; their readers go on elsewhere. */
  readonly stopping?: AbortSignal;
  /** What Google's services and builds call; left out where nothing does. */
  readonly internal?: InternalOptions;
  /** Who Identity-Aware Proxy let in; needed for the mode `iap`. */
  readonly iapUser?: (assertion: string) => Promise<UserId | null>;
  readonly onServed?: (served: Served) => void;
}

export const DEFAULT_RATE_LIMIT = 50;
export const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;
export const DEFAULT_STREAM_STALL_MS = 30_000;
