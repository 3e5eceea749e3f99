/** Processes of this machine, as /proc tells them. */
import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

interface ProcessFacts {
  readonly parent: number;
  readonly session: number;
  /** Ticks since boot; with the pid and the boot it names a process for good. */
  readonly startedAt: string;
}

/** A living process; null for one that is gone, or that only waits to be reaped. */
export const processFacts = (pid: number): ProcessFacts | null => {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name in parentheses may hold anything, parentheses included: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, , session] = fields;
  const startedAt = fields[19];
  if (state === undefined || startedAt === undefined || /[ZXx]/.test(state)) return null;
  return { parent: Number(parent), session: Number(session), startedAt };
};

/** Pids from our namespace inwards; one entry for a process that is in no inner one. */
export const pidChain = (pid: number): readonly number[] => {
  const line = /^NSpid:\s+(.*)$/m.exec(read(`/proc/${pid}/status`) ?? '');
  return (line?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number);
};

const everybody = (): ReadonlyMap<number, ProcessFacts> => {
  const found = new Map<number, ProcessFacts>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const facts = Number.isInteger(pid) ? processFacts(pid) : null;
    if (facts !== null) found.set(pid, facts);
  }
  return found;
};

/** Members of a session. */
export const sessionMembers = (session: number): readonly number[] =>
  [...everybody()].filter(([, facts]) => facts.session === session).map(([pid]) => pid);

/** Everything that descends from `root`. */
export const descendants = (root: number): readonly number[] => {
  const children = new Map<number, number[]>();
  for (const [pid, facts] of everybody()) {
    children.set(facts.parent, [...(children.get(facts.parent) ?? []), pid]);
  }
  const found: number[] = [];
  const next = [root];
  for (let pid = next.pop(); pid !== undefined; pid = next.pop()) {
    const own = children.get(pid) ?? [];
    found.push(...own);
    next.push(...own);
  }
  return found;
};

/** Sends a signal; a process that is gone is no error. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in between, or never ours: who waits for its end looks again.
  }
};

/** One boot of this machine: a pid of an earlier one says nothing. */
export const bootId = (): string => (read('/proc/sys/kernel/random/boot_id') ?? '').trim();
