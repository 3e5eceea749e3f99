/** What Google's adapters cost: the cold start with both of them, and how late a line is that a build step writes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../src/app.ts';
import { followEvents } from '../../src/client/follow.ts';
import { sendJson } from '../../src/client/http.ts';
import { parseConfig } from '../../src/config.ts';
import type { Harness } from '../../src/ports/harness.ts';
import { createLogger } from '../../src/system/logger.ts';
import { FIRESTORE, findSdkEmulator, openSdkEmulator } from '../../test/support/cloud-sdk/emulator.ts';
import { openEmulator } from '../../test/support/google/emulator.ts';
import { openBuiltPackage } from '../../test/support/package/built-package.ts';
import { freePort } from '../../test/support/server/free-port.ts';
import { ms, quantile, report } from '../figures.ts';
import { createNoOpHarness } from '../no-op.ts';
import { coldStart, type Start, sumOf } from './cold.ts';

const ROUNDS = 10;
const LINES = 120;
/** No multiple of any poll, so that lines fall everywhere between two looks. */
const GAP_SECONDS = 0.37;

const MODEL_SECRET = 'projects/bench/secrets/model/versions/latest';

type Settings = Readonly<Record<string, string>>;

/** Runs `work` with both emulators; without the Cloud SDK's it says so and does nothing. */
const withGoogle = async (work: (settings: Settings, folder: string) => Promise<void>): Promise<void> => {
  const source = findSdkEmulator(FIRESTORE);
  if (source.kind === 'none') {
    report('not measured', source.reason);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const google = await openEmulator({ secrets: { model: 'none' } });
  const firestore = await openSdkEmulator(FIRESTORE);
  const settings = {
    SLIPWAY_RATE_LIMIT: '0',
    ANTHROPIC_API_KEY: 'none',
    SLIPWAY_EXECUTOR: 'cloud-build',
    GOOGLE_CLOUD_PROJECT: `bench-${process.pid}`,
    SLIPWAY_REGION: 'us-central1',
    SLIPWAY_BUCKET: 'bucket',
    SLIPWAY_CLOUD_BUILD_ENDPOINT: google.url,
    STORAGE_EMULATOR_HOST: google.url,
    FIRESTORE_EMULATOR_HOST: firestore.host,
  };
  try {
    await work(settings, folder);
  } finally {
    await firestore.stop();
    await google.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

export const cloudColdStarts = (): Promise<void> =>
  withGoogle(async (settings, folder) => {
    const env = { ...settings, SLIPWAY_STORE: 'firestore', SLIPWAY_PUBLIC_URL: 'http://127.0.0.1:9' };
    const built = await openBuiltPackage();
    const neither: Start[] = [];
    const both: Start[] = [];
    try {
      for (let round = -1; round < ROUNDS; round += 1) {
        const pair = [
          await coldStart(built.main, join(folder, 'plain')),
          await coldStart(built.main, folder, env),
        ] as const;
        // The first pair fills the cache of compiled code.
        if (round < 0) continue;
        neither.push(pair[0]);
        both.push(pair[1]);
      }
    } finally {
      built.remove();
    }
    const figures = `${sumOf(neither)}, ${sumOf(both)}`;
    report('start to first answer (processor): no Google adapter, both', figures, '≤ 1200 ms');
  });

/** A program that prints the time now and then; each line is an event. */
const createTickingHarness = (): Harness => ({
  ...createNoOpHarness(),
  plan: (run, resume) => ({
    ...createNoOpHarness().plan(run, resume),
    program: '/bin/sh',
    args: ['-c', `i=0; while [ $i -lt ${LINES} ]; do date +%s%N; sleep ${GAP_SECONDS}; i=$((i+1)); done`],
  }),
  read: (seen, { text }) => ({
    seen,
    events: [{ type: 'log', data: { stream: 'stderr', level: 'info', text } }],
    deltas: [],
    denials: [],
    model: null,
  }),
});

const lateness = async (settings: Settings, folder: string): Promise<readonly number[]> => {
  const config = parseConfig({ ...settings, SLIPWAY_DATA_DIR: folder });
  const logger = createLogger('error', console.error);
  const app = await openApp(config, logger, { demo: false, harness: createTickingHarness() });
  const client = { url: app.url, key: null };
  const late: number[] = [];
  try {
    const { id } = await sendJson<{ id: string }>(client, 'POST', '/runs', { prompt: 'tick' });
    for await (const heard of followEvents(client, id)) {
      if (heard.kind !== 'event' || heard.event.type !== 'log') continue;
      const { text } = heard.event.data as { readonly text: string };
      if (/^\d{19}$/.test(text)) late.push(performance.timeOrigin + performance.now() - Number(text) / 1e6);
    }
  } finally {
    await app.close();
  }
  if (late.length !== LINES) throw new Error(`Of ${LINES} lines ${late.length} were heard.`);
  return late;
};

/** @see docs/PERFORMANCE.md for what these figures are made of */
export const cloudLiveLines = (): Promise<void> =>
  withGoogle(async (settings, folder) => {
    const port = await freePort();
    const posted = { PORT: String(port), SLIPWAY_PUBLIC_URL: `http://127.0.0.1:${port}` };
    const cases: readonly (readonly [string, Settings, string | undefined])[] = [
      ['posted, SQLite', posted, '≤ 1500 ms'],
      ['posted, Firestore', { ...posted, SLIPWAY_STORE: 'firestore' }, '≤ 1500 ms'],
      ["from the build's log, SQLite", { PORT: '0', SLIPWAY_MODEL_SECRET: MODEL_SECRET }, undefined],
    ];
    for (const [index, [what, more, goal]] of cases.entries()) {
      const late = await lateness({ ...settings, ...more }, join(folder, String(index)));
      const figures = `${ms(quantile(late, 0.5))}, ${ms(quantile(late, 0.95))}`;
      report(`line written in a step → client, ${what}: p50, p95`, figures, goal);
    }
  });
