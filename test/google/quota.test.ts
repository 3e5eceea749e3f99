/** How many calls to Cloud Build five hundred runs at once take, in virtual time. */
import { expect, it } from 'vitest';
import { DomainError } from '../../src/core/errors.ts';
import { uuidv7 } from '../../src/core/ids.ts';
import { type ArrivalSource, awaitArrival, orderBuild } from '../../src/executors/cloud-build/arrival.ts';
import { watchExit } from '../../src/executors/cloud-build/exit.ts';
import { type Place, placeOf } from '../../src/executors/cloud-build/names.ts';
import { sign } from '../../src/executors/cloud-build/runner/frame.ts';
import { type EndFile, OBJECTS } from '../../src/executors/cloud-build/runner/job-file.ts';
import type { Build } from '../../src/executors/cloud-build/translate.ts';
import type { Google } from '../../src/executors/cloud-build/transport.ts';
import { createWatcher } from '../../src/executors/cloud-build/watcher.ts';
import type { Logger } from '../../src/ports/logger.ts';
import { createVirtualClock, type VirtualClock } from '../support/simulation/virtual-clock.ts';

const RUNS = 500;
const MINUTES = 10;
const MINUTE_MS = 60_000;
/** The whole of what is known of the quota of reads; create and cancel have quotas of their own. */
const CALLS_PER_MINUTE = 300;
const MACHINE_MS = 8_000;
const PROGRAM_MS = 300_000;

const quiet = (): void => undefined;
const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => logger };

/** Cloud Build and the objects of its builds, as far as starts and ends look at them. */
const simulate = (clock: VirtualClock) => {
  const builds: Build[] = [];
  const objects = new Map<string, Buffer>();
  const calls: number[] = [];
  const endedAt = new Map<string, number>();
  const count = (): void => {
    const minute = Math.floor((clock.now() - began) / MINUTE_MS);
    calls[minute] = (calls[minute] ?? 0) + 1;
  };
  const began = clock.now();

  const execute = async (build: Build, place: Place): Promise<void> => {
    await clock.sleep(MACHINE_MS);
    build.status = 'WORKING';
    objects.set(`${place.results}${OBJECTS.inside}`, Buffer.from(build.id ?? ''));
    await clock.sleep(PROGRAM_MS);
    const end: EndFile = {
      code: 0,
      signal: null,
      killed: null,
      limitsHit: [],
      stdoutBytes: 0,
      stderrBytes: 0,
      filesError: null,
    };
    const text = JSON.stringify(end);
    objects.set(`${place.results}${OBJECTS.end}`, Buffer.from(`${sign(place.key, text)}\n${text}`));
    endedAt.set(build.id ?? '', clock.now());
    build.status = 'SUCCESS';
  };
  const google = (place: Place | null): Google => ({
    storageRoot: 'http://storage.invalid/',
    read: async (name) => objects.get(name) ?? null,
    stream: async () => null,
    putOnce: async () => true,
    remove: async () => undefined,
    list: async function* () {},
    create: async () => {
      count();
      const build: Build = { id: `build-${builds.length}`, status: 'QUEUED', tags: [place?.tag ?? ''] };
      builds.push(build);
      if (place !== null) void execute(build, place);
      return build.id ?? '';
    },
    explainCreate: async () => new DomainError('internal', 'No create fails here.'),
    page: async (filter, token) => {
      count();
      const tag = /tags="(.*)"/.exec(filter)?.[1] ?? '';
      const found = tag === 'slipway' ? builds : builds.filter(({ tags }) => tags?.includes(tag));
      const from = Number(token ?? 0);
      const page = found.toReversed().slice(from, from + 100);
      return { builds: page, next: from + 100 < found.length ? String(from + 100) : null };
    },
    get: async (id) => {
      count();
      return builds.find((build) => build.id === id) ?? null;
    },
    cancel: async () => count(),
  });
  return { google, calls, endedAt, builds };
};

it(`${RUNS} runs at once, one after the other for ${MINUTES} minutes, stay within the quota and are noticed in seconds`, async () => {
  const clock = createVirtualClock();
  const world = simulate(clock);
  const watcher = createWatcher(world.google(null), clock, logger);
  const secret = new Uint8Array(32);
  const late: number[] = [];
  let number = 0;

  const one = async (): Promise<void> => {
    number += 1;
    const random = new Uint8Array(10);
    new DataView(random.buffer).setUint32(6, number);
    const place = placeOf(secret, `${uuidv7(0, random)}/1`);
    if (place === null) throw new Error('No place.');
    const google = world.google(place);
    const source: ArrivalSource = {
      google,
      watcher,
      clock,
      random: { bytes: (length) => new Uint8Array(length), float: () => 0.5 },
      lookMs: 1_000,
    };
    const id = await orderBuild(source, place, {}, true);
    expect(await awaitArrival(source, place, id, null, [])).toBe(id);
    const { exit } = watchExit({ google, watcher, clock, logger, place, buildId: id });
    expect(await exit).toMatchObject({ code: 0, lost: false });
    late.push(clock.now() - (world.endedAt.get(id) ?? 0));
  };
  const lane = async (index: number): Promise<void> => {
    await clock.sleep((index / RUNS) * PROGRAM_MS);
    for (;;) await one();
  };
  for (let index = 0; index < RUNS; index += 1) void lane(index);
  // Until all lanes are busy, and then for as long as is measured.
  await clock.advance(PROGRAM_MS + MINUTES * MINUTE_MS);

  expect(late.length).toBeGreaterThan(RUNS);
  expect(Math.max(...world.calls)).toBeLessThanOrEqual(CALLS_PER_MINUTE);
  expect(late.toSorted((a, b) => a - b)[Math.floor(late.length * 0.95)]).toBeLessThanOrEqual(5_000);
}, 120_000);
