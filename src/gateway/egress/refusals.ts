/** Why a host is refused, in words, and what would allow it. */
import type { EgressRefusal } from '../../ports/egress.ts';
import { authorityOf, type Target } from './host-rules.ts';

const PRIVATE_SETTING = 'SLIPWAY_PRIVATE_HOSTS';

type Named = Pick<Target, 'host' | 'port'>;

const refusal = ({ host, port }: Named, reason: string, hint: string): EgressRefusal => ({ host, port, reason, hint });

export const REFUSED = {
  host: (target: Named) =>
    refusal(
      target,
      'network.allow does not hold this host.',
      `To allow it, add "${target.host}${isWebPort(target) ? '' : `:${target.port}`}" to network.allow of the agent.`,
    ),
  port: (target: Named) =>
    refusal(
      target,
      'network.allow holds this host for other ports.',
      `To allow it, add "${authorityOf(target)}" to network.allow of the agent; without a port it is for 443 and 80.`,
    ),
  address: (target: Named) =>
    refusal(
      target,
      'This is an address, and hosts are reached by name alone.',
      `Use the name of the host, and have it in network.allow of the agent. An address is allowed only when the operator has it in ${PRIVATE_SETTING}.`,
    ),
  private: (target: Named) =>
    refusal(
      target,
      'The name of this host leads to a private address.',
      `The operator of this server can allow it by adding "${target.host}" to ${PRIVATE_SETTING}.`,
    ),
  never: (target: Named) =>
    refusal(
      target,
      'This host leads to a link-local, metadata, multicast or reserved address.',
      'No setting allows it. Use a host with an address of its own.',
    ),
  nameless: (target: Named) =>
    refusal(
      target,
      'The TLS connection does not say which host it is for (no server name).',
      'Use a program that sends the server name (SNI); the name has to be the host that is in network.allow.',
    ),
  fronted: (target: Named) =>
    refusal(
      target,
      'The TLS connection is for another host than it was opened to.',
      'Connect to each host under its own name, and have that name in network.allow of the agent.',
    ),
  plain: (target: Named) =>
    refusal(
      target,
      'What was sent through the connection is not TLS.',
      'Use https, or plain http through the proxy; other protocols are not passed, whatever network.allow holds.',
    ),
  upgrade: (target: Named) =>
    refusal(
      target,
      'An upgrade of a plain http connection is not passed.',
      'Use https (wss for WebSockets) to this host; it needs no other setting.',
    ),
  invalid: (text: string) =>
    refusal(
      { host: printable(text), port: 0 },
      'This is no host name with a port.',
      'Use the name of the host, and have it in network.allow of the agent.',
    ),
} as const;

const isWebPort = ({ port }: Named): boolean => port === 443 || port === 80;

const LONGEST_SHOWN = 253;

const printable = (text: string): string =>
  text
    .slice(0, LONGEST_SHOWN)
    .replace(/[^\x21-\x7e]/g, '?')
    .toLowerCase();

/** So many different ones of one scope are told apart; an agent that tries on is known by then. */
const MOST_TOLD = 1_000;

/** The same for two refusals of which only one is worth telling. */
export const refusalKey = ({ host, port, reason }: EgressRefusal): string => `${port} ${host} ${reason}`;

/** Passes each host, port and reason on once. */
export const createTeller = (tell: (refusal: EgressRefusal) => void): ((refusal: EgressRefusal) => void) => {
  const told = new Set<string>();
  return (refused) => {
    const key = refusalKey(refused);
    if (told.has(key) || told.size >= MOST_TOLD) return;
    told.add(key);
    tell(refused);
  };
};

/** What the client reads. */
export const bodyOf = (refused: EgressRefusal): string =>
  `Slipway refused ${authorityOf(refused)}. ${refused.reason} ${refused.hint}\n`;
