/** Which server the commands talk to. */
import { createClient, type SlipwayClient } from '../client/client.ts';
import { UsageError } from './explain.ts';

/** How a server is reached. */
export interface Reach {
  /** null when nothing says where it is. */
  readonly url: string | null;
  /** API key; null where the server asks for none. */
  readonly key: string | null;
  /** Somebody named the address; otherwise it is that of a server on this machine with these settings. */
  readonly named: boolean;
}

/** The settings that matter here. */
interface Settings {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | null;
  readonly client: { readonly url: string | null; readonly apiKey: string | null };
}

const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const localUrl = ({ host, port }: Settings): string | null => {
  if (port === 0) return null;
  const name = EVERYWHERE[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
};

/** The address and key by option, else by setting, else of the server that `slipway serve` starts with these settings. */
export const reachOf = (given: { readonly url?: string; readonly key?: string }, settings: Settings): Reach => {
  const named = given.url ?? settings.client.url ?? settings.publicUrl;
  if (named !== null && !/^https?:\/\/[^\s/]/.test(named)) {
    throw new UsageError(`"${named}" is not an http or https address.`);
  }
  return {
    url: named ?? localUrl(settings),
    key: given.key ?? settings.client.apiKey,
    named: named !== null,
  };
};

export const clientOf = ({ url, key }: Reach): SlipwayClient => {
  if (url === null) {
    throw new UsageError('PORT is 0, so the address of the server is not known.', 'Name it with --url or SLIPWAY_URL.');
  }
  return createClient({ url, key });
};

/** What each command is given to reach its server when it needs it. */
export type ReachOf = () => Reach;
