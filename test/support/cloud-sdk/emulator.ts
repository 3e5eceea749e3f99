/**
 * The official emulators of Google's services, as far as this machine has them: one that runs already, or one that is
 * started from the Cloud SDK, which needs Java.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort } from '../server/free-port.ts';

const START_TIMEOUT_MS = 60_000;
const LOOK_MS = 100;

/** One kind of emulator. */
export interface EmulatorKind {
  /** As users know it: "Firestore". */
  readonly name: string;
  /** Variable of the environment that names one that runs, as `host:port`. */
  readonly variable: string;
  /** Component of the Cloud SDK. */
  readonly component: string;
  /** Directory of its archive, below the Cloud SDK. */
  readonly folder: string;
  readonly jar: RegExp;
  /** What Java is told besides the address, before it. */
  readonly run: (jar: string) => readonly string[];
}

export const FIRESTORE: EmulatorKind = {
  name: 'Firestore',
  variable: 'FIRESTORE_EMULATOR_HOST',
  component: 'cloud-firestore-emulator',
  folder: 'platform/cloud-firestore-emulator',
  jar: /^cloud-firestore-emulator\.jar$/,
  run: (jar) => ['-Xmx512m', '-cp', jar, 'com.google.cloud.datastore.emulator.firestore.CloudFirestore'],
};

export const PUBSUB: EmulatorKind = {
  name: 'Pub/Sub',
  variable: 'PUBSUB_EMULATOR_HOST',
  component: 'pubsub-emulator',
  folder: 'platform/pubsub-emulator/lib',
  jar: /^cloud-pubsub-emulator-.*-all\.jar$/,
  run: (jar) => ['-Xmx256m', '-jar', jar],
};

export type EmulatorSource =
  | { readonly kind: 'running'; readonly host: string }
  | { readonly kind: 'jar'; readonly jar: string }
  | { readonly kind: 'none'; readonly reason: string };

const which = (program: string): string | null => {
  try {
    return execFileSync('which', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
};

/** Where an emulator is to be had. */
export const findSdkEmulator = (wanted: EmulatorKind): EmulatorSource => {
  const host = process.env[wanted.variable];
  if (host !== undefined && host !== '') return { kind: 'running', host };
  const gcloud = which('gcloud');
  if (gcloud === null) return { kind: 'none', reason: 'gcloud is not installed' };
  const folder = join(dirname(dirname(realpathSync(gcloud))), wanted.folder);
  const jar = existsSync(folder) ? readdirSync(folder).find((file) => wanted.jar.test(file)) : undefined;
  if (jar === undefined) {
    const remedy = `gcloud components install ${wanted.component}`;
    return { kind: 'none', reason: `the Cloud SDK has no ${wanted.name} emulator (${remedy})` };
  }
  if (which('java') === null) return { kind: 'none', reason: 'Java is not installed' };
  return { kind: 'jar', jar: join(folder, jar) };
};

export interface Emulator {
  /** `host:port` */
  readonly host: string;
  /** Ends it, if we have started it. */
  stop(): Promise<void>;
}

/** Rejects when there is none, or none that starts. */
export const openSdkEmulator = async (wanted: EmulatorKind): Promise<Emulator> => {
  const source = findSdkEmulator(wanted);
  if (source.kind === 'none') throw new Error(source.reason);
  return source.kind === 'running' ? { host: source.host, stop: async () => undefined } : start(wanted, source.jar);
};

const start = async (wanted: EmulatorKind, jar: string): Promise<Emulator> => {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const options = ['-Duser.language=en', ...wanted.run(jar), '--host=127.0.0.1', `--port=${port}`];
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
    await ready(child, host, (what) => new Error(`The ${wanted.name} emulator ${what}: ${printed}`));
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
};

const ready = async (child: ChildProcess, host: string, fault: (what: string) => Error): Promise<void> => {
  const until = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(host))) {
    if (child.exitCode !== null) throw fault('ended');
    if (Date.now() > until) throw fault('did not start');
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
};

const answers = async (host: string): Promise<boolean> => {
  try {
    return (await fetch(`http://${host}/`)).ok;
  } catch {
    return false;
  }
};
