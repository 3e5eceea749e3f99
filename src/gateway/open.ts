/** Opens the gateway for the way by which places reach it. */
import type { RequestListener } from 'node:http';
import type { Egress } from '../ports/egress.ts';
import type { Gateway } from '../ports/gateway.ts';
import { createAddressGateway } from './address.ts';
import { createDirectGateway } from './direct.ts';
import { type CommonOptions, createGateway, partsOf } from './gateway.ts';

export type Way =
  /** A socket for each run, in a directory that its place has mounted. */
  | { readonly kind: 'sockets'; readonly socketsDir: string; readonly egress: Egress }
  /** The server's own address, for the places of one executor; the requests that come there are for `handle`. */
  | { readonly kind: 'address'; readonly address: string; readonly executor: string }
  /** Nothing leads here: places talk to the model by themselves. */
  | { readonly kind: 'none'; readonly baseUrl: string };

export interface OpenGateway {
  readonly gateway: Gateway;
  /** Null where nobody comes by an address. */
  readonly handle: RequestListener | null;
}

export const openGateway = (way: Way, options: CommonOptions): OpenGateway => {
  switch (way.kind) {
    case 'sockets':
      return { gateway: createGateway({ ...options, socketsDir: way.socketsDir, egress: way.egress }), handle: null };
    case 'address': {
      const { address, executor } = way;
      const gateway = createAddressGateway({ parts: partsOf(options), secret: options.secret, address, executor });
      return { gateway, handle: gateway.handle };
    }
    case 'none':
      return { gateway: createDirectGateway(options.witness, way.baseUrl), handle: null };
  }
};
