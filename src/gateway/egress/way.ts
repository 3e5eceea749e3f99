/** What the two ways through the proxy, tunnel and plain request, share of one scope. */
import type { Socket } from 'node:net';
import type { EgressRefusal } from '../../ports/egress.ts';
import type { AdmissionParts } from './admission.ts';
import type { HostRule } from './host-rules.ts';

export interface EgressBounds {
  /** Longest wait for an answer of the name service. */
  readonly lookupMs: number;
  /** Longest wait for a connection. */
  readonly connectMs: number;
  /** Longest wait for the ClientHello after a CONNECT was answered. */
  readonly helloMs: number;
  /** Longest silence in both directions. */
  readonly idleMs: number;
  /** Connections of one place at once. */
  readonly maxConnections: number;
}

export interface Way {
  readonly admission: AdmissionParts;
  readonly allow: readonly HostRule[];
  readonly bounds: EgressBounds;
  /** Tells each host, port and reason once. */
  refused(refusal: EgressRefusal): void;
  /** Keeps a socket until it is closed, so that it can be cut. */
  hold(socket: Socket): void;
}
