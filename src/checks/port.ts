/** The port to listen on, tried by listening on it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Finding } from '../ports/executor.ts';

const part = 'port';
const PATIENCE_MS = 3_000;

/** Listens and stops again; the port that it was. Throws what the system says. */
const tryPort = async (host: string, port: number): Promise<number> => {
  const server: Server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : port;
};

/** The version of the Slipway that answers there; null when it is something else. */
const slipwayAt = async (host: string, port: number): Promise<string | null> => {
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  try {
    const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/openapi.json`;
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { info }: { info?: { title?: unknown; version?: unknown } } = JSON.parse(await response.text());
    return info?.title === 'Slipway' ? String(info.version).slice(0, 40) : null;
  } catch {
    return null;
  }
};

/** @param port 0 takes a free one, which is always to be had */
export const checkPort = async (host: string, port: number): Promise<Finding> => {
  const missing = (detail: string, mend: string): Finding => ({ part, status: 'missing', detail, mend });
  try {
    await tryPort(host, port);
    return {
      part,
      status: 'ok',
      detail: port === 0 ? 'a free one is taken' : `${port} on ${host} is free`,
      mend: null,
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'EADDRNOTAVAIL') return missing(`this machine has no address ${host}`, 'HOST=127.0.0.1 slipway serve');
    if (code === 'EACCES') return missing(`this user may not listen on port ${port}`, 'PORT=8080 slipway serve');
    if (code !== 'EADDRINUSE')
      return missing(`${host} cannot be listened on (${code})`, 'HOST=127.0.0.1 slipway serve');
  }
  const version = await slipwayAt(host, port);
  if (version !== null) {
    return { part, status: 'ok', detail: `Slipway ${version} serves on ${port} already`, mend: null };
  }
  const free = await tryPort(host, 0);
  return missing(
    `another program listens on ${port} already`,
    `PORT=${free} slipway serve   # who has it: ss -ltnp 'sport = :${port}'`,
  );
};
