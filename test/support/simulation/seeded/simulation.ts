/** One world drawn from a seed: servers that die, users who change their minds, and faults until a certain instant. */
import { isLive, isTerminal, type Run } from '../../../../src/core/run.ts';
import { DEFAULT_PACE, type Drive } from '../../../../src/engine/deps.ts';
import { createLocalNotifier } from '../../../../src/engine/local-notifier.ts';
import { createWorker, type Worker } from '../../../../src/engine/worker.ts';
import { createSimulatedHarness } from '../simulated-harness.ts';
import { type Audit, auditKill, createAudit } from './audit.ts';
import { createDatabase, type Database } from './audited-store.ts';
import { type Chance, createChance } from './chance.ts';
import { createPlaces, type Places } from './places.ts';
import { drawScript } from './script.ts';
import { createServerProcess, type FaultRates, type ServerProcess } from './server-process.ts';
import { quietArtifacts, quietLogger, simulatedGateway } from './surroundings.ts';
import { createTimeline, type Timeline } from './timeline.ts';

export const FAULTS_MS = 60_000;
const START = Date.UTC(2026, 0, 5, 9);

export interface Server {
  readonly process: ServerProcess;
  readonly worker: Worker;
  readonly drive: Drive;
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
  boot(): Server;
  /** One that can be reached by a user, or none. */
  reachable(): Server | null;
}

const drawRates = (chance: Chance): FaultRates =>
  chance.of(0.15)
    ? { before: 0, after: 0, slow: 0 }
    : {
        before: chance.float() * 0.08,
        after: chance.float() * 0.08,
        slow: chance.float() * 0.12,
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
      killing: (place, reason) => auditKill(audit, database.newest.get(place.job.runId) ?? null, place, reason),
    },
  });
  const audit: Audit = createAudit({
    now: timeline.now,
    calmFrom: calmAt + 13_000,
    lastStored: (run) => database.lastStored.get(run.id) ?? 0,
    place: (run) => places.ever.get(`${run.id}/${run.attempt}`) ?? null,
    livePlaces: (run) => liveIn(places, run),
  });
  const servers: Server[] = [];
  const boot = (): Server => {
    const process = createServerProcess(`server-${servers.length + 1}`, timeline, chance, faulty);
    const drive: Drive = {
      stores: database.seenBy(process),
      clock: process.clock,
      random: chance,
      notifier: createLocalNotifier(),
      artifacts: quietArtifacts,
      logger: quietLogger,
      executorName: 'simulated',
      nextFiring: () => null,
      sha256: (text) => text,
      executor: places.seenBy(process),
      harness: createSimulatedHarness(),
      gateway: simulatedGateway(process, rates),
      metrics: { finished: () => undefined },
      diff: () => '',
      holder: process.name,
      pace: { ...DEFAULT_PACE, pollMs: 2_000 },
    };
    const server: Server = {
      process,
      worker: createWorker(drive, chance.int(1, 4)),
      drive,
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
