/** One world drawn from a seed: servers that die, users who change their minds, and faults until a certain instant. */
import { isLive, isTerminal, type Run } from '../../../../src/core/run.ts';
import { DEFAULT_PACE, type Drive } from '../../../../src/engine/deps.ts';
import { createLocalNotifier } from '../../../../src/engine/local-notifier.ts';
import { createWorker, type Worker } from '../../../../src/engine/worker.ts';
import type { Job } from '../../../../src/ports/executor.ts';
import { createSimulatedHarness } from '../simulated-harness.ts';
import { type Audit, auditKill, createAudit, HEARING_MS } from './audit.ts';
import { createDatabase, type Database } from './audited-store.ts';
import { type Chance, createChance } from './chance.ts';
import { createPlaces, type Places } from './places.ts';
import { drawScript } from './script.ts';
import { createServerProcess, type FaultRates, type ServerProcess } from './server-process.ts';
import { quietArtifacts, quietLogger, simulatedGateway } from './surroundings.ts';
import { createTimeline, type Timeline } from './timeline.ts';

export const FAULTS_MS = 60_000;
const START = Date.UTC(2026, 0, 5, 9);
/** Without faults, a wish to end is noticed this soon. */
const NOTICED_MS = 3_000;

/** Name of an executor that no run names: a server that has this one alone can drive none. */
const OTHER = 'another';
/** How many of the servers are such ones. */
const LACKING = 0.12;

export interface Server {
  readonly process: ServerProcess;
  readonly worker: Worker;
  readonly drive: Drive;
  /** It has not the executor that all runs name. */
  readonly lacks: boolean;
  leaving: boolean;
}

export interface Simulation {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly audit: Audit;
  readonly database: Database;
  readonly places: Places;
  readonly servers: Server[];
  readonly rates: FaultRates;
  readonly calmAt: number;
  /** Another server; some lack the executor, unless it is to be `whole`. */
  boot(whole?: boolean): Server;
  /** One that can be reached by a user, or none. */
  reachable(): Server | null;
}

/** Worlds without a fault, worlds that are slow and nothing else, and worlds with everything. */
const drawRates = (chance: Chance): FaultRates => {
  const kind = chance.float();
  if (kind < 0.15) return { before: 0, after: 0, slow: 0 };
  if (kind < 0.35) return { before: 0, after: 0, slow: 0.15 + chance.float() * 0.35 };
  return { before: chance.float() * 0.08, after: chance.float() * 0.08, slow: chance.float() * 0.12 };
};

const liveIn = (places: Places, run: Run) =>
  [...places.present.values()].filter((place) => place.job.runId === run.id && place.exit === null);

export const createSimulation = (seed: number): Simulation => {
  const chance = createChance(seed);
  const timeline = createTimeline(START);
  const calmAt = START + FAULTS_MS;
  const faulty = (): boolean => timeline.now() < calmAt;
  const rates = drawRates(chance);
  const scripts = createChance(seed ^ 0x5bd1e995);
  const database = createDatabase(chance, rates, () => audit);
  const places = createPlaces({
    timeline,
    chance,
    rates,
    faulty,
    script: () => drawScript(scripts, `${places.ever.size}`),
    watch: {
      opened: (place, others) => {
        for (const other of others) if (other.exit === null) audit.fail(`${place.ref} began beside ${other.ref}`);
      },
      prepared: (server, job, begunAt) => checkPrepared(server, job, begunAt),
      killing: (place, reason) => auditKill(audit, database.newest.get(place.job.runId) ?? null, place, reason),
    },
  });
  const audit: Audit = createAudit({
    now: timeline.now,
    calmFrom: calmAt + 13_000,
    lastStored: (run) => database.lastStored.get(run.id) ?? 0,
    place: (run) => places.ever.get(`${run.id}/${run.attempt}`) ?? null,
    livePlaces: (run) => liveIn(places, run),
    hearingMs: (name) => {
      const server = servers.find(({ process }) => process.name === name);
      return HEARING_MS + (server?.process.longestCutMs() ?? 0);
    },
    refused: (run) => places.refused.has(`${run.id}/${run.attempt}`),
    lacks: (name) => servers.some(({ process, lacks }) => lacks && process.name === name),
  });
  /** A preparation that took longer than a lease, or in which somebody changed his mind. */
  const checkPrepared = (server: ServerProcess, job: Job, begunAt: number): void => {
    const leaves = servers.some(({ process, leaving }) => process === server && leaving);
    if (leaves) audit.fail(`run ${job.runId}: ${server.name} leaves, and prepared its place to the end`);
    const run = database.newest.get(job.runId);
    if (run === undefined || begunAt < calmAt + HEARING_MS) return;
    const holder = 'lease' in run.state ? run.state.lease : null;
    const isHeld = holder?.holder === server.name && holder.expiresAt > timeline.now();
    if (!isHeld) audit.fail(`run ${run.id}: ${server.name} prepared its place and did not keep the lease`);
    if (run.stop !== null && run.stop.at < timeline.now() - NOTICED_MS) {
      audit.fail(`run ${run.id}: ${server.name} prepared its place to the end, although it was to end`);
    }
  };
  const servers: Server[] = [];
  const settings = createChance(seed ^ 0x3c6ef372);
  const boot = (whole = false): Server => {
    const lacks = settings.of(LACKING) && !whole;
    const process = createServerProcess(`server-${servers.length + 1}`, timeline, chance, faulty);
    const drive: Drive = {
      stores: database.seenBy(process),
      clock: process.clock,
      random: chance,
      notifier: createLocalNotifier(),
      artifacts: quietArtifacts,
      logger: quietLogger,
      executorName: 'simulated',
      turnPlace: async () => 'simulated',
      nextFiring: () => null,
      checkTask: () => [],
      sha256: (text) => text,
      executor: { ...places.seenBy(process), ...(lacks ? { name: OTHER } : {}) },
      harness: createSimulatedHarness(),
      gateway: simulatedGateway(process, rates),
      beside: null,
      metrics: { finished: () => undefined },
      concluded: async () => undefined,
      held: null,
      diff: () => '',
      holder: process.name,
      pace: { ...DEFAULT_PACE, pollMs: 2_000 },
    };
    const server: Server = {
      process,
      worker: createWorker(drive, chance.int(1, 4)),
      drive,
      lacks,
      leaving: false,
    };
    servers.push(server);
    server.worker.start();
    return server;
  };
  return {
    timeline,
    chance,
    audit,
    database,
    places,
    servers,
    rates,
    calmAt,
    boot,
    reachable: () => servers.findLast(({ process, leaving }) => process.alive() && !leaving) ?? null,
  };
};

/** Runs that a worker holds or held. */
export const liveRuns = (database: Database): Run[] => [...database.newest.values()].filter(isLive);

export const allOver = (database: Database): boolean => [...database.newest.values()].every(isTerminal);
