/** Decides whether a place may go to a host, and to which addresses exactly. */
import type { EgressRefusal } from '../../ports/egress.ts';
import { canonicalAddress, kindOf } from './addresses.ts';
import { type HostRule, isLifted, judge, type Target } from './host-rules.ts';
import { REFUSED } from './refusals.ts';

/** All addresses of a name, now; rejects when it has none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export interface AdmissionParts {
  readonly lookup: Lookup;
  /** The operator's list: what it holds may have private addresses. */
  readonly privateHosts: readonly HostRule[];
  /** Addresses of this machine itself, which are private whatever they look like: firewalls do not stand in between. */
  readonly ownAddresses: () => readonly string[];
  readonly lookupMs: number;
}

export type Admission =
  /** Each was looked at. Only these may be connected to, since the next answer may be another one. */
  | { readonly kind: 'admitted'; readonly addresses: readonly string[] }
  | { readonly kind: 'refused'; readonly refusal: EgressRefusal }
  | { readonly kind: 'unknown_host' };

const refused = (refusal: EgressRefusal): Admission => ({ kind: 'refused', refusal });

/** A name that no list holds is never looked up: a lookup alone would carry words out. */
export const admit = async (parts: AdmissionParts, allow: readonly HostRule[], target: Target): Promise<Admission> => {
  const lifted = isLifted(parts.privateHosts, target);
  const judgement = judge(allow, target);
  if (target.kind === 'address' && (judgement === 'host' || !lifted)) {
    return refused(kindOf(target.host) === 'never' ? REFUSED.never(target) : REFUSED.address(target));
  }
  if (judgement !== 'allowed') return refused(judgement === 'port' ? REFUSED.port(target) : REFUSED.host(target));
  const addresses = target.kind === 'address' ? [target.host] : await resolved(parts, target.host);
  if (addresses === null || addresses.length === 0) return { kind: 'unknown_host' };
  const own = new Set(parts.ownAddresses().map(canonicalAddress));
  const kinds = addresses.map((address) => {
    const kind = kindOf(address);
    return kind === 'public' && own.has(canonicalAddress(address)) ? 'private' : kind;
  });
  // Any: of a name with a good and a bad address, who knows which one the next program gets.
  if (kinds.includes('never')) return refused(REFUSED.never(target));
  if (kinds.includes('private') && !lifted) return refused(REFUSED.private(target));
  return { kind: 'admitted', addresses };
};

const resolved = async ({ lookup, lookupMs }: AdmissionParts, host: string): Promise<readonly string[] | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, lookupMs, null);
  });
  try {
    return await Promise.race([lookup(host), late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
};
