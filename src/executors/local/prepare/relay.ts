/**
 * The program of every step that needs the network. There is no interface inside but loopback, and no tool knows how to
 * reach a proxy by a Unix socket: this leads a port of loopback there, then runs the tool with that port as its proxy.
 */
import { PLACE } from '../../../ports/executor.ts';

/** Name of the socket below `PLACE.sockets`. */
export const STEP_SOCKET = 'egress.sock';

/** Of a step's program: the tool that it runs could not be started. */
export const NO_TOOL_STATUS = 127;

/** For `node -e`; arguments: the tool and its own. Scratch space is on disk, since /tmp counts as memory. */
export const RELAY = `
const { spawn } = require('node:child_process');
const { mkdirSync } = require('node:fs');
const net = require('node:net');
const { constants } = require('node:os');
const [tool, ...args] = process.argv.slice(1);
const scratch = process.env.HOME + '/scratch';
mkdirSync(scratch, { recursive: true });
const server = net.createServer({ allowHalfOpen: true }, (inside) => {
  const outside = net.connect({ path: ${JSON.stringify(`${PLACE.sockets}/${STEP_SOCKET}`)}, allowHalfOpen: true });
  inside.pipe(outside).pipe(inside);
  inside.on('error', () => outside.destroy());
  outside.on('error', () => inside.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const proxy = 'http://127.0.0.1:' + server.address().port;
  const env = { ...process.env, TMPDIR: scratch, NO_PROXY: '', no_proxy: '' };
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) env[name] = proxy;
  spawn(tool, args, { env, stdio: ['ignore', 'inherit', 'inherit'] })
    .on('error', (error) => { console.error(String(error)); process.exit(${NO_TOOL_STATUS}); })
    .on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
});
`;
