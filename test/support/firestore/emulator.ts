/**
 * The official Firestore emulator, as far as this machine has it: the one that FIRESTORE_EMULATOR_HOST names, or one that
 * is started from the Cloud SDK, which needs Java.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

const JAR = 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar';
const MAIN = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';
const START_TIMEOUT_MS = 60_000;
const LOOK_MS = 100;

const which = (program: string): string | null => {
  try {
    return execFileSync('which', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
};

export type EmulatorSource =
  | { readonly kind: 'running'; readonly host: string }
  | { readonly kind: 'jar'; readonly jar: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Where an emulator is to be had. */
export const findEmulator = (): EmulatorSource => {
  const host = process.env.FIRESTORE_EMULATOR_HOST;
  if (host !== undefined && host !== '') return { kind: 'running', host };
  const gcloud = which('gcloud');
  if (gcloud === null) return { kind: 'none', reason: 'gcloud is not installed' };
  const jar = join(dirname(dirname(realpathSync(gcloud))), JAR);
  if (!existsSync(jar)) {
    return {
      kind: 'none',
      reason: 'the Cloud SDK has no Firestore emulator (gcloud components install cloud-firestore-emulator)',
    };
  }
  return which('java') === null ? { kind: 'none', reason: 'Java is not installed' } : { kind: 'jar', jar };
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

const answers = async (host: string): Promise<boolean> => {
  try {
    return (await fetch(`http://${host}/`)).ok;
  } catch {
    return false;
  }
};

const ready = async (child: ChildProcess, host: string, printed: () => string): Promise<void> => {
  const until = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(host))) {
    if (child.exitCode !== null) throw new Error(`The Firestore emulator ended: ${printed()}`);
    if (Date.now() > until) throw new Error(`The Firestore emulator did not start: ${printed()}`);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
};

export interface Emulator {
  /** `host:port` */
  readonly host: string;
  stop(): Promise<void>;
}

export const startEmulator = async (jar: string): Promise<Emulator> => {
  const host = `127.0.0.1:${await freePort()}`;
  const [address, port] = host.split(':');
  const options = ['-Duser.language=en', '-Xmx512m', '-cp', jar, MAIN, `--host=${address}`, `--port=${port}`];
  const child = spawn('java', options, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-4_000);
    });
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    await ready(child, host, () => printed);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
};
