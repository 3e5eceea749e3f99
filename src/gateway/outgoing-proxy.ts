/**
 * Which proxy, if any, is between the gateway and the model service. Where `HTTPS_PROXY` and its relatives come from
 * there is no standard; this follows what curl, Go and Node have in common.
 */
import { BlockList, isIP } from 'node:net';
import { DomainError } from '../core/errors.ts';

/** As given by the environment; null = not set. */
export interface ProxySettings {
  readonly https: string | null;
  readonly http: string | null;
  /** Hosts that are reached without a proxy: names, with or without a leading dot, addresses, networks, `host:port`, `*`. */
  readonly none: string | null;
}

export const NO_PROXIES: ProxySettings = { https: null, http: null, none: null };

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80');

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

const familyOf = (host: string): 'ipv4' | 'ipv6' => (isIP(host) === 6 ? 'ipv6' : 'ipv4');

const inNetwork = (host: string, network: string): boolean => {
  const [address = '', length = ''] = network.split('/');
  if (isIP(host) === 0 || isIP(address) === 0 || !/^\d{1,3}$/.test(length)) return false;
  const most = isIP(address) === 6 ? 128 : 32;
  if (Number(length) > most) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(length), familyOf(address));
  return list.check(host, familyOf(host));
};

/** Whether one entry of NO_PROXY means this host and port. */
const means = (entry: string, host: string, port: string): boolean => {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(host, entry);
  const [, bare = '', only] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [null, entry];
  if (only !== undefined && only !== port) return false;
  const name = bare.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
};

const parseProxy = (text: string, name: string): URL => {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url !== null && url.hostname !== '' && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  // The value may hold a password, so it is not shown.
  throw new DomainError('invalid_request', `${name} is not the address of an HTTP proxy.`, {
    hint: `Set ${name} to one such as http://proxy.example:3128, or unset it. Other kinds of proxy are not supported.`,
  });
};

/**
 * The proxy on the way to `target`; null when it is reached directly. This machine itself always is.
 * `invalid_request` when the setting is no address of an HTTP proxy.
 */
export const proxyFor = (target: URL, settings: ProxySettings): URL | null => {
  const host = hostOf(target);
  if (isLoopback(host)) return null;
  const secure = target.protocol === 'https:';
  const given = secure ? settings.https : settings.http;
  if (given === null) return null;
  const entries = (settings.none ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  if (entries.some((entry) => means(entry, host, portOf(target)))) return null;
  return parseProxy(given, secure ? 'HTTPS_PROXY' : 'HTTP_PROXY');
};

/** A proxy for people: its address without user and password. */
export const describeProxy = (proxy: URL): string => {
  const plain = `${proxy.protocol}//${proxy.host}`;
  return proxy.username === '' && proxy.password === '' ? plain : `${plain}, with credentials`;
};
