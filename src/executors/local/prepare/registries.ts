/** Where packages come from. */
import { isIP } from 'node:net';
import { DomainError } from '../../../core/errors.ts';

/** Settings of the operator. A secret is only ever in a step that runs no code of a package. */
export interface RegistrySettings {
  /** Null = npm's own. */
  readonly npmRegistry: string | null;
  readonly npmToken: string | null;
  /** Hosts besides the registry's that its files come from; `example.com`, `*.example.com`, with `:port` if odd. */
  readonly npmHosts: readonly string[];
  /** Index with PEP 503's form; null = pip's own. */
  readonly pipIndex: string | null;
  /** `user:password` for the index. */
  readonly pipCredentials: string | null;
  readonly pipHosts: readonly string[];
}

export const NO_REGISTRY_SETTINGS: RegistrySettings = {
  npmRegistry: null,
  npmToken: null,
  npmHosts: [],
  pipIndex: null,
  pipCredentials: null,
  pipHosts: [],
};

/** The host of an address as the way out has it: with its port where that is no standard one. */
export const hostOf = (address: string): string => {
  const { host, hostname } = new URL(address);
  if (isIP(hostname.replace(/^\[|\]$/g, '')) === 0) return host;
  throw new DomainError('packages_failed', `${host} is an address and no host name.`, {
    hint: 'Nothing was executed. The way out goes by names: give the registry a name, and add it to SLIPWAY_PRIVATE_HOSTS if it is in a private network.',
  });
};
