/** Restate: its server from the npm registry, which syncs its log to disk, and one service here. No queue: whoever calls sets the pace. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as restate from '@restatedev/restate-sdk';
import { done, execute, serve } from './serve.mjs';

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
};

const [ingress, admin, node, service] = [await freePort(), await freePort(), await freePort(), await freePort()];
const folder = mkdtempSync(join(tmpdir(), 'slipway-restate-'));
const job = restate.service({
  name: 'job',
  handlers: {
    run: async (ctx, id) => {
      const printed = await ctx.run('process', execute);
      done(id, printed);
    },
  },
});
await restate.serve({ services: [job], port: service });
// Not by its wrapper in .bin, which would leave the server behind when it is ended.
const program = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
const server = spawn(join(import.meta.dirname, 'node_modules', program), ['--no-logo', '--base-dir', folder], {
  stdio: 'ignore',
  env: {
    ...process.env,
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
  },
});
process.on('exit', () => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const post = async (url, body) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
};

for (let tries = 0; ; tries += 1) {
  try {
    await post(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${service}` });
    break;
  } catch (error) {
    if (tries === 200) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
serve((id) => post(`http://127.0.0.1:${ingress}/job/run/send`, id));
