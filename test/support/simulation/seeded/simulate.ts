/** Plays one seed from beginning to end and says everything that was not as it must be. */
import { DomainError } from '../../../../src/core/errors.ts';
import type { UserId } from '../../../../src/core/ids.ts';
import { isLive, type Run } from '../../../../src/core/run.ts';
import { cancelRun } from '../../../../src/engine/cancel-run.ts';
import { submitRun } from '../../../../src/engine/submit-run.ts';
import { createWitness } from '../../../../src/engine/witness.ts';
import { task, userId } from '../../../contracts/stores/fixtures.ts';
import { reading } from '../../run-states.ts';
import { checkEnd } from './check-end.ts';
import { drawLimits, drawPackages } from './script.ts';
import { allOver, createSimulation, liveRuns, type Server, type Simulation } from './simulation.ts';

/** After the faults have stopped, every run ends within this time. */
const PATIENCE_MS = 400_000;

/** What users, the model and fate do to a world. */
export interface Wishes {
  /** Runs whose submission was answered. */
  readonly accepted: Set<Run['id']>;
  readonly cancelled: Set<Run['id']>;
  /** Tokens of answers whose metering was confirmed while the run was live, by run. */
  readonly metered: { readonly id: Run['id']; readonly tokens: number }[];
}

/** Calls that fail are nobody's business but the caller's: users see an error, and that is allowed. */
const tolerate = (work: Promise<unknown>, simulation: Simulation): void => {
  work.catch((error: unknown) => {
    if (!(error instanceof DomainError)) simulation.audit.fail(`a call broke: ${String(error)}`);
  });
};

const USERS: readonly [UserId, ...UserId[]] = [userId('alice'), userId('bob')];

const submit = (simulation: Simulation, wishes: Wishes): void => {
  const server = simulation.reachable();
  const { chance } = simulation;
  const limits = drawLimits(chance);
  const user = chance.pick(USERS);
  if (server === null) return;
  const submission = {
    userId: user,
    task: task({ limits, requiredPackages: drawPackages(chance) }),
    agent: null,
    trigger: { kind: 'manual', firedFor: null },
  } as const;
  tolerate(
    submitRun(server.drive, submission).then((run) => wishes.accepted.add(run.id)),
    simulation,
  );
};

const cancel = (simulation: Simulation, wishes: Wishes): void => {
  const runs = [...simulation.database.newest.values()];
  const run = runs[simulation.chance.int(0, Math.max(0, runs.length - 1))];
  const server = simulation.reachable();
  if (run === undefined || server === null) return;
  const cancelling = cancelRun(server.drive, run.userId, run.id).then(({ accepted }) => {
    if (accepted) wishes.cancelled.add(run.id);
  });
  tolerate(cancelling, simulation);
};

const meter = (simulation: Simulation, wishes: Wishes): void => {
  const { chance } = simulation;
  const live = liveRuns(simulation.database);
  const run = live[chance.int(0, Math.max(0, live.length - 1))];
  const server = simulation.reachable();
  if (run === undefined || server === null) return;
  const tokens = chance.int(1_000, 9_000);
  const witness = createWitness(server.drive, null);
  const metering = witness.metered(run.id, reading({ inputTokens: tokens })).then((after) => {
    if (isLive(after)) wishes.metered.push({ id: run.id, tokens });
  });
  tolerate(metering, simulation);
};

/** A worker that stops hands its runs over, so that nobody has to wait for its leases to run out. */
const leave = async ({ audit, database, rates, timeline }: Simulation, { worker, process }: Server): Promise<void> => {
  await worker.stop();
  const faultless = rates.before + rates.after === 0;
  for (const { id, state } of database.newest.values()) {
    if (!faultless || !('lease' in state) || state.lease.holder !== process.name) continue;
    if (state.lease.expiresAt > timeline.now()) audit.fail(`run ${id}: ${process.name} stopped and kept its lease`);
  }
  process.kill();
};

const trouble = (simulation: Simulation): void => {
  const { chance, timeline, places, servers } = simulation;
  const alive = servers.filter(({ process }) => process.alive());
  const server = alive[chance.int(0, Math.max(0, alive.length - 1))];
  const kind = chance.float();
  if (kind < 0.1 && server !== undefined) {
    server.process.cutOff();
    timeline.at(Math.min(simulation.calmAt, timeline.now() + chance.int(500, 25_000)), () => server.process.mend());
  } else if (kind < 0.25) server?.process.kill();
  else if (kind < 0.5 && alive.length < 4) simulation.boot();
  else if (kind < 0.65 && server !== undefined) {
    server.leaving = true;
    // Killed after a while even when it has not finished, as every process supervisor does.
    void leave(simulation, server);
    timeline.at(timeline.now() + 20_000, () => server.process.kill());
  } else if (kind < 0.8 && server !== undefined) {
    server.process.freeze();
    timeline.at(timeline.now() + chance.int(500, 40_000), () => server.process.thaw());
  } else if (kind < 0.9) places.refuseUntil(timeline.now() + chance.int(500, 20_000));
  else {
    const refs = [...places.present.keys()];
    const ref = refs[chance.int(0, Math.max(0, refs.length - 1))];
    if (ref !== undefined && chance.of(0.4)) places.lose(ref);
  }
};

const plan = (simulation: Simulation, wishes: Wishes): void => {
  const { chance, timeline, calmAt } = simulation;
  const span = calmAt - timeline.now();
  const scatter = (count: number, act: () => void): void => {
    for (let index = 0; index < count; index += 1) timeline.at(timeline.now() + chance.int(0, span - 1), act);
  };
  scatter(chance.int(1, 6), () => submit(simulation, wishes));
  scatter(chance.int(0, 3), () => cancel(simulation, wishes));
  scatter(chance.int(0, 8), () => meter(simulation, wishes));
  scatter(chance.int(0, 8), () => trouble(simulation));
};

/** Everything that was wrong; empty when the world was as it must be. */
export type Played = readonly string[];

export const simulate = (seed: number): Promise<Played> => play(createSimulation(seed));

/** Lets a world that was not touched yet go its way. */
export const play = async (simulation: Simulation): Promise<Played> => {
  const { timeline, audit, calmAt, servers, database } = simulation;
  const wishes: Wishes = {
    accepted: new Set(),
    cancelled: new Set(),
    metered: [],
  };
  for (let count = simulation.chance.int(1, 3); count > 0; count -= 1) simulation.boot();
  submit(simulation, wishes);
  plan(simulation, wishes);
  const broken = (): boolean => audit.violations.length > 0;
  await timeline.run(calmAt, broken);
  for (const { process } of servers) process.thaw();
  const isDriver = ({ process, lacks, leaving }: Server): boolean => process.alive() && !lacks && !leaving;
  if (!servers.some(isDriver)) simulation.boot(true);
  await timeline.run(calmAt + 13_000, broken);
  await timeline.run(calmAt + PATIENCE_MS, () => broken() || allOver(database));
  if (!broken()) await checkEnd(simulation, wishes);
  for (const { process } of servers) process.kill();
  return audit.violations;
};
