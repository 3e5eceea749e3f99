/**
 * Job queues that start the same process, beside Slipway, in one run: the bare process, and the same in a bare sandbox.
 * All accept a job only when it is synced to disk. Needs `redis-server`, `initdb` and `postgres`, and the peers'
 * packages (installed here).
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../../test/support/server/free-port.ts';
import { inParallel, ms, quantile, report, timed } from '../figures.ts';
import { PROGRAM } from '../no-op.ts';
import { openServerProcess } from '../server-process.ts';
import { BARE_SANDBOX, SERVER, slipwayStart, startOf } from './start-and-throughput.ts';

const FOLDER = join(import.meta.dirname, '../peers');
const PEERS = ['bullmq', 'graphile-worker', 'pg-boss', 'openworkflow', 'dbos', 'restate'] as const;
const JOBS = 160;

const until = async (ready: () => unknown): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      ready();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('A database did not start.');
};

/** PostgreSQL refuses to run as root, so root runs it as `nobody`. */
const asNobody = (): { uid?: number; gid?: number } => (process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {});

const openDatabases = async (folder: string) => {
  const stack = new AsyncDisposableStack();
  const keep = (name: string, args: string[], more: object = {}) => {
    const child = spawn(name, args, { stdio: 'ignore', ...more });
    stack.defer(async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    });
  };
  const [redis, postgres] = [await freePort(), await freePort()];
  keep('redis-server', ['--port', `${redis}`, '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always']);
  await until(() => execFileSync('redis-cli', ['-p', `${redis}`, 'ping'], { stdio: 'ignore' }));
  const data = join(folder, 'postgres');
  if (process.getuid?.() === 0) chownSync(folder, 65_534, 65_534);
  const options = { ...asNobody(), stdio: 'ignore' as const, cwd: folder, env: { ...process.env, PATH: searchPath() } };
  execFileSync('initdb', ['-D', data, '-U', 'bench', '--auth', 'trust'], options);
  keep('postgres', ['-D', data, '-p', `${postgres}`, '-k', folder, '-h', '127.0.0.1'], options);
  const url = `postgres://bench@127.0.0.1:${postgres}/postgres`;
  await until(() => execFileSync('psql', [url, '-c', 'select 1'], { stdio: 'ignore' }));
  process.env.BENCH_REDIS_PORT = String(redis);
  process.env.BENCH_POSTGRES = url;
  process.env.RESTATE_LOGGING = 'ERROR';
  return stack;
};

const searchPath = (): string => [process.env.PATH, '/usr/lib/postgresql/15/bin'].join(delimiter);

interface Side {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly memory: number;
}

const measure = async (script: string, parallel: number, one: (url: string) => Promise<number>): Promise<Side> => {
  const server = await openServerProcess(script, [String(parallel)]);
  try {
    await inParallel(parallel * 2, parallel, () => one(server.url));
    let starts: number[] = [];
    const took = await timed(async () => {
      starts = await inParallel(JOBS, parallel, () => one(server.url));
    });
    const memory = (await server.memory()) / 2 ** 20;
    return { perSecond: (JOBS / took) * 1_000, p50: quantile(starts, 0.5), p99: quantile(starts, 0.99), memory };
  } finally {
    await server.stop();
  }
};

const peerStart = async (url: string): Promise<number> => {
  const asked = performance.timeOrigin + performance.now();
  const response = await fetch(url, { method: 'POST' });
  return startOf(await response.text()) - asked;
};

const show = (name: string, { perSecond, p50, p99, memory }: Side): void =>
  report(
    `  ${name}: jobs a second; start p50, p99; memory`,
    `${perSecond.toFixed(0)}; ${ms(p50)}, ${ms(p99)}; ${memory.toFixed(0)} MB`,
  );

export const peers = async (): Promise<void> => {
  if (!existsSync(join(FOLDER, 'node_modules'))) {
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: 'inherit' });
  }
  const folder = mkdtempSync(join(tmpdir(), 'slipway-peers-'));
  const databases = await openDatabases(folder);
  try {
    for (const parallel of [2, 8, 50]) {
      process.env.BENCH_PARALLEL = String(parallel);
      for (const [kind, command] of [
        ['bare process', PROGRAM],
        ['bare sandbox', BARE_SANDBOX],
      ] as const) {
        process.env.BENCH_COMMAND = JSON.stringify(command);
        console.log(`${kind}, ${parallel} at once`);
        for (const peer of PEERS) show(peer, await measure(join(FOLDER, `${peer}.mjs`), parallel, peerStart));
      }
      console.log(`whole runs, ${parallel} at once`);
      show('Slipway', await measure(SERVER, parallel, slipwayStart));
    }
  } finally {
    await databases.disposeAsync();
    rmSync(folder, { recursive: true, force: true });
  }
};
