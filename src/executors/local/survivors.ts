/** Who of an execution is alive, and its end by force. */
import { killGroup, members } from './cgroup.ts';
import { lineOf, type Place, type PlaceRecord, textOf } from './place.ts';
import { bootId, descendants, pidChain, processFacts, sessionMembers, signalProcess } from './processes.ts';

interface Claim {
  readonly pid: number;
  readonly startedAt: string;
  readonly bootId: string;
}

const claimOf = (place: Place): Claim | null => {
  const [pid, startedAt, boot] = lineOf(place, 'claim')?.split(' ') ?? [];
  return pid === undefined || startedAt === undefined || boot === undefined
    ? null
    : { pid: Number(pid), startedAt, bootId: boot };
};

let boot: string | undefined;
const thisBoot = (): string => {
  boot ??= bootId();
  return boot;
};

/** Pid of the living supervisor; null when it is gone. Another process with its pid does not fool it. */
export const supervisorOf = (place: Place): number | null => {
  const claim = claimOf(place);
  if (claim === null || claim.bootId !== thisBoot()) return null;
  return processFacts(claim.pid)?.startedAt === claim.startedAt ? claim.pid : null;
};

/** The first process inside, by what bubblewrap said of it; null when it is gone. The kernel ends the others with it. */
const firstInside = (place: Place): number | null => {
  if (claimOf(place)?.bootId !== thisBoot()) return null;
  const pid = Number(/"child-pid": (\d+)/.exec(textOf(place, 'status') ?? '')?.[1] ?? Number.NaN);
  const chain = Number.isInteger(pid) ? pidChain(pid) : [];
  // A pid that was given to another process is not the first one of a namespace; of another place, it is not ours.
  const first = chain.length > 1 && chain.at(-1) === 1 && processFacts(pid) !== null;
  return first && startedWithPlace(place, pid) ? pid : null;
};

/** A minute; the kernel counts a hundred ticks a second. */
const START_TICKS = 6_000;

/** Whether a process can be of this place at all: started right after its supervisor. */
const startedWithPlace = (place: Place, pid: number): boolean => {
  const started = Number(processFacts(pid)?.startedAt ?? Number.NaN);
  const claimed = Number(claimOf(place)?.startedAt ?? Number.NaN);
  return started >= claimed && started - claimed < START_TICKS;
};

/** Living processes of the execution: bubblewrap's own, and everything inside. Never the supervisor's. */
export const survivors = (place: Place, record: PlaceRecord): readonly number[] => {
  const found = new Set(members(record.fence).filter((pid) => processFacts(pid) !== null));
  if (Object.keys(record.fence.groups).length > 0) return [...found];
  const supervisor = supervisorOf(place);
  const first = firstInside(place);
  const roots = [...(supervisor === null ? [] : [supervisor]), ...(first === null ? [] : [first])];
  if (first !== null) found.add(first);
  for (const pid of roots.flatMap((root) => descendants(root))) if (pidChain(pid).length > 1) found.add(pid);
  return [...found];
};

/** Asks everything inside to end. Not the first process inside, which is bubblewrap's. */
export const askToEnd = (place: Place, record: PlaceRecord): void => {
  for (const pid of survivors(place, record)) {
    const chain = pidChain(pid);
    if (chain.length > 1 && chain.at(-1) !== 1) signalProcess(pid, 'SIGTERM');
  }
};

/** Kills everything that is alive now. Has to be repeated until nothing is: who is killed may just have forked. */
export const forceToEnd = (place: Place, record: PlaceRecord): readonly number[] => {
  const alive = survivors(place, record);
  if (alive.length > 0 && !killGroup(record.fence)) for (const pid of alive) signalProcess(pid, 'SIGKILL');
  return alive;
};

/**
 * Kills what a killed supervisor left of itself: its watch, which would otherwise notice only at its next look. Has to be
 * repeated until nothing is alive.
 */
export const endStrays = (place: Place): readonly number[] => {
  const claim = claimOf(place);
  if (claim === null || claim.bootId !== thisBoot()) return [];
  const strays = sessionMembers(claim.pid).filter((pid) => startedWithPlace(place, pid));
  for (const pid of strays) signalProcess(pid, 'SIGKILL');
  return strays;
};
