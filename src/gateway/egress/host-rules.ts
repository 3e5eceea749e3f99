/** Names of hosts: how a program spells one, and which of them a rule holds. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress } from './addresses.ts';

/** Where a program wants to go. An address is in its one canonical spelling, without brackets. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly kind: 'name' | 'address';
}

/** One line of a list of hosts. */
export interface HostRule {
  readonly host: string;
  /** `*.`: names below `host`, and not `host` itself. */
  readonly wild: boolean;
  /** Null when the rule names none. */
  readonly port: number | null;
}

/** What a rule without a port allows. */
const WEB_PORTS: readonly number[] = [443, 80];

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

const isName = (text: string): boolean => text.length <= 253 && text.split('.').every((label) => LABEL.test(label));

const hostOf = (text: string): Pick<Target, 'host' | 'kind'> | null => {
  // Before any parser decodes it: nothing but letters, digits, dots, dashes, and an address in brackets.
  if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/i.test(text)) return null;
  // The URL parser of the platform knows every way to write an IPv4 address: 127.1, 0x7f.0.0.1, 2130706433, 017700000001.
  if (!URL.canParse(`http://${text}/`)) return null;
  const host = new URL(`http://${text}/`).hostname;
  if (host.startsWith('[')) return { host: canonicalAddress(host.slice(1, -1)), kind: 'address' };
  if (isIPv4(host)) return { host, kind: 'address' };
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return isName(name) ? { host: name, kind: 'name' } : null;
};

const portOf = (text: string): number | null => {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
};

/** Splits `host` or `host:port`; an IPv6 address with a port stands in brackets. */
const split = (text: string): { readonly host: string; readonly port: string | null } => {
  if (isIPv6(text)) return { host: `[${text}]`, port: null };
  const parts = /^(.*?)(?::([0-9]+))?$/s.exec(text);
  return { host: parts?.[1] ?? text, port: parts?.[2] ?? null };
};

/** Reads `host:port`; null for what leads nowhere. */
export const targetOf = (text: string, defaultPort: number | null = null): Target | null => {
  const { host, port } = split(text);
  const found = hostOf(host);
  const number = port === null ? defaultPort : portOf(port);
  return found === null || number === null ? null : { ...found, port: number };
};

/** Reads a line of a list: a name, `*.` before one, or an address; each with `:port` or without. Null for anything else. */
export const hostRuleOf = (text: string): HostRule | null => {
  const lower = text.trim().toLowerCase();
  const wild = lower.startsWith('*.');
  const { host, port } = split(wild ? lower.slice(2) : lower);
  const found = hostOf(host);
  const number = port === null ? null : portOf(port);
  if (found === null || (port !== null && number === null) || (wild && found.kind === 'address')) return null;
  return { host: found.host, wild, port: number };
};

const holdsHost = (rule: HostRule, host: string): boolean =>
  rule.wild ? host.endsWith(`.${rule.host}`) : host === rule.host;

/** Whether an allow list holds a target, and if not, whether it is for its port alone. */
export const judge = (rules: readonly HostRule[], target: Target): 'allowed' | 'port' | 'host' => {
  const held = rules.filter((rule) => holdsHost(rule, target.host));
  const ports = (rule: HostRule): readonly number[] => (rule.port === null ? WEB_PORTS : [rule.port]);
  if (held.some((rule) => ports(rule).includes(target.port))) return 'allowed';
  return held.length > 0 ? 'port' : 'host';
};

/** Whether the operator's list of private hosts holds a target. A line without a port holds all ports. */
export const isLifted = (rules: readonly HostRule[], target: Target): boolean =>
  rules.some((rule) => holdsHost(rule, target.host) && (rule.port === null || rule.port === target.port));

/** `host:port` for messages and headers. */
export const authorityOf = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
