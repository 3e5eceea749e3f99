/**
 * The relay of a place that may reach hosts. Programs know proxies by TCP address alone, and a place has nothing but an
 * empty loopback; so a small process in it listens there and passes each connection on to the egress proxy's socket. It
 * decides nothing: whoever goes to the socket without it meets the same rules. It has the agent's own user, so an agent
 * can end it, and has no way out then.
 */
import { PLACE } from '../../ports/executor.ts';

/** Where the server's own Node binary stands inside; not in PATH, since it is no program for the agent. */
export const RELAY_NODE = '/opt/slipway/lib/node';

/** Free in every place: its loopback is its own, and nothing was started before. */
const PORT = 3128;

/** Said on descriptor 3 when it listens. */
const LISTENING = 'listening';

/** What Node runs. Its memory and threads are the job's: about 9 MB of its own (the rest is the program's text), and 3. */
const SCRIPT = `
const net = require('node:net');
const fs = require('node:fs');
const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const way = net.connect({ path: '${PLACE.sockets}/${PLACE.egressSocket}', allowHalfOpen: true });
  const cut = () => { client.destroy(); way.destroy(); };
  client.on('error', cut).on('close', cut).pipe(way);
  way.on('error', cut).on('close', cut).pipe(client);
});
server.maxConnections = 256;
server.listen(${PORT}, '127.0.0.1', () => {
  fs.writeSync(3, '${LISTENING}');
  fs.closeSync(3);
});
`;
const FLAGS = [
  '--max-semi-space-size=1',
  '--max-old-space-size=24',
  '--v8-pool-size=0',
  '--disable-sigusr1',
  '--no-warnings',
  '--input-type=commonjs',
];

/**
 * Starts the relay as an orphan, so that it is no child of the program, and waits until it listens: the substitution
 * ends when descriptor 3 is closed. The descriptor 9 tells the executor that the program was started.
 */
const startOf = (relay: string): string => `said=$(${relay} 3>&1 < /dev/null > /dev/null 2>&1 9>&- &)`;

const FAILED = `echo 'The way to the allowed hosts could not be opened: its relay did not start.' >&2; exit 125`;

/** The command that starts the relay and then becomes the command behind it. */
export const relayPrefix = (): readonly string[] => {
  const relay = [RELAY_NODE, ...FLAGS, '-e', SCRIPT];
  const quoted = relay.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const script = `${startOf(quoted)}\n[ "$said" = ${LISTENING} ] || { ${FAILED}; }\nexec "$@"`;
  return ['/bin/sh', '-c', script, 'slipway'];
};

const ADDRESS = `http://127.0.0.1:${PORT}`;
/** The gateway is reached by its own socket, under a name that is nowhere. */
const DIRECT = 'localhost,127.0.0.1,::1,gateway.slipway';

/** Leads programs to the relay, each in the spelling that it knows. */
export const RELAY_ENV: Readonly<Record<string, string>> = {
  HTTP_PROXY: ADDRESS,
  HTTPS_PROXY: ADDRESS,
  http_proxy: ADDRESS,
  https_proxy: ADDRESS,
  NO_PROXY: DIRECT,
  no_proxy: DIRECT,
  NODE_USE_ENV_PROXY: '1',
};
