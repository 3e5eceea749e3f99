/** The processes of the place: whoever runs as the agent, however it came to be. */
import { readdirSync, readFileSync } from 'node:fs';
import { AGENT_UID } from './job-file.ts';

const PAGE_BYTES = 4_096;

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

/** Who must not be taken for the agent where the runner itself is not root. */
const ancestors = (): ReadonlySet<number> => {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 0 && !found.has(pid); pid = parentOf(pid)) found.add(pid);
  return found;
};

const notOurs = ancestors();

/** Pids that are alive, zombies left out. */
export const agentProcesses = (): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && !notOurs.has(pid) && isAgent(pid));

const isAgent = (pid: number): boolean => {
  const status = read(`/proc/${pid}/status`);
  return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? -1) === AGENT_UID && !/^State:\s+Z/m.test(status);
};

/** Memory that the processes have for themselves. */
export const memoryOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const [, resident = 0, shared = 0] = read(`/proc/${pid}/statm`).split(' ').map(Number);
    return sum + Math.max(0, resident - shared) * PAGE_BYTES;
  }, 0);

/** Resolves when no process of the agent is alive. */
export const killAll = async (): Promise<void> => {
  for (let pids = agentProcesses(); pids.length > 0; pids = agentProcesses()) {
    for (const pid of pids) signal(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It has gone already.
  }
};
