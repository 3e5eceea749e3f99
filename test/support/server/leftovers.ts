/** What runs must not leave behind on the machine. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const CGROUPS = '/sys/fs/cgroup';

const tryRead = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};

/** Supervisors work in their place's directory, and jobs are in control groups that are named after their runs. */
const processesOf = (dataDir: string, runIds: readonly string[], servers: readonly number[]): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && !servers.includes(Number(name)))
    .flatMap((pid) => {
      const line = tryRead(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
      const groups = tryRead(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
      const folder = tryRead(() => readlinkSync(`/proc/${pid}/cwd`));
      const isOurs = line.includes(dataDir) || folder.startsWith(dataDir) || runIds.some((id) => groups.includes(id));
      return isOurs ? [`process ${pid} in ${folder}: ${line.slice(0, 200)}`] : [];
    });

const mountsOf = (dataDir: string): string[] =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[1]?.startsWith(`${dataDir}/`) === true)
    .map((line) => `mount ${line}`);

/** Directories by path; a group that goes away while it is looked at is no finding. */
const groupsOf = (runIds: readonly string[], path = CGROUPS, depth = 0): string[] => {
  let names: string[];
  try {
    names = readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const own = runIds.some((id) => name.includes(id)) ? [`control group ${join(path, name)}`] : [];
    return depth < 6 ? [...own, ...groupsOf(runIds, join(path, name), depth + 1)] : own;
  });
};

/** One line for each process, place, mount and control group of these runs that is still there. */
export const leftoversOf = (
  dataDir: string,
  runIds: readonly string[],
  servers: readonly number[],
): readonly string[] => [
  ...processesOf(dataDir, runIds, servers),
  ...mountsOf(dataDir),
  ...groupsOf(runIds),
  // The made-up /etc that all places share is the executor's own.
  ...readdirSync(join(dataDir, 'runs'))
    .filter((name) => !name.startsWith('.'))
    .map((name) => `place ${name}`),
];
