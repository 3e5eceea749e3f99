/** Jobs that push against their walls and limits. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DomainError } from '../../core/errors.ts';
import { isRunId } from '../../core/ids.ts';
import { DEFAULT_LIMITS, type LimitsPatch, mergeLimits } from '../../core/limits.ts';
import { OFFSET_START } from '../../core/run.ts';
import type { Execution, Finding, Job } from '../../ports/executor.ts';
import { MEND_GROUPS, type Means } from './fences.ts';
import { findTool } from './host.ts';
import { MEND_FILTER } from './system-call-filter.ts';
import { AGENT } from './translate.ts';

export interface ProbeHost {
  readonly runsDir: string;
  start(job: Job): Promise<Execution>;
}

/** Runs a script to its end; what it printed, and on the host who owns the file `owner` that it made. */
const attempt = async (host: ProbeHost, script: string, limits: LimitsPatch, args: readonly string[] = []) => {
  const runId = randomUUID();
  if (!isRunId(runId)) throw new DomainError('internal', 'A random UUID is no UUID.');
  const execution = await host.start({
    runId,
    attempt: 1,
    program: '/bin/sh',
    args: ['-c', script, 'probe', ...args],
    stdin: new Uint8Array(),
    env: {},
    files: [],
    keep: [],
    limits: mergeLimits(DEFAULT_LIMITS, { timeoutSeconds: 20, ...limits }),
    network: { allow: [] },
    socketDir: null,
    packages: [],
    source: null,
  });
  try {
    let stdout = '';
    for await (const { stream, bytes } of execution.output(OFFSET_START)) {
      if (stream === 'stdout') stdout += Buffer.from(bytes).toString();
    }
    await execution.exit;
    const owner = statSync(join(host.runsDir, runId, '1', 'workspace', 'owner'), { throwIfNoEntry: false });
    if (owner !== undefined) stdout += `owner=${owner.uid}\n`;
    return new Map(stdout.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]));
  } finally {
    await execution.release();
  }
};

const finding = (part: string, good: boolean, detail: string, mend: string): Finding => ({
  part,
  status: good ? 'ok' : 'missing',
  detail,
  mend: good ? null : mend,
});

const NAMESPACES = ['pid', 'net', 'ipc', 'uts', 'mnt', 'user', 'cgroup'] as const;
const HOST_PATHS = [
  '/root',
  '/srv',
  '/sys',
  '/boot',
  '/mnt',
  '/media',
  '/var/lib',
  '/var/log',
  '/etc/shadow',
  '/etc/ssh',
];
const UPDATE = 'sudo apt-get install --yes --only-upgrade bubblewrap util-linux';

/** One job that tells what it sees, and tries what it may not. */
const WALLS = `
for name in ${NAMESPACES.join(' ')}; do echo "$name=$(readlink /proc/self/ns/$name)"; done
echo "uid=$(id -u)"
echo "caps=$(grep CapEff /proc/self/status | tr -dc 0-9a-f | sed s/^[a-f]*//)"
echo "privileges=$(grep NoNewPrivs /proc/self/status | tr -dc 0-9)"
touch owner
for path in / /usr /usr/bin /usr/local/etc /etc /run /var /opt /dev /proc/sys/kernel/hostname; do
  if [ -d "$path" ]; then touch "$path/slipway-probe" 2>/dev/null && echo "wrote=$path"
  else (echo x > "$path") 2>/dev/null && echo "wrote=$path"; fi
done
for path in ${HOST_PATHS.join(' ')}; do [ -e "$path" ] && echo "saw=$path"; done
echo "ways=$(grep -c : /proc/net/dev)"
echo "filter=$(grep '^Seccomp:' /proc/self/status | tr -dc 0-9)"
unshare --user true 2>/dev/null && echo "namespaced=yes"
command -v bash > /dev/null && bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null && echo "reached=loopback"
echo end=yes
`;

/** What stands between a job and this host. */
export const probeWalls = async (host: ProbeHost, obstacle: string | null): Promise<readonly Finding[]> => {
  let reached = false;
  const server = createServer((socket) => {
    reached = true;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '9';
    const seen = await attempt(host, WALLS, {}, [port]);
    return [...readWalls(seen, () => reached), readFilter(seen, obstacle)];
  } finally {
    server.close();
  }
};

/** Without a filter there is a job at all only under relaxed isolation. */
const readFilter = (seen: ReadonlyMap<string, string>, obstacle: string | null): Finding => {
  const part = 'system calls';
  if (obstacle !== null) return { part, status: 'degraded', detail: `none: ${obstacle}`, mend: MEND_FILTER };
  // 2 is SECCOMP_MODE_FILTER.
  const holds = seen.get('filter') === '2' && !seen.has('namespaced');
  return finding(part, holds, holds ? 'filtered: no namespaces, no tracing' : 'did not hold', UPDATE);
};

const readWalls = (seen: ReadonlyMap<string, string>, reached: () => boolean): readonly Finding[] => {
  const apart = (name: string) =>
    seen.get(name) !== undefined && seen.get(name) !== readlinkSync(`/proc/self/ns/${name}`);
  const complete = seen.get('end') === 'yes';
  const owner = seen.get('owner');
  const dropped = /^0*$/.test(seen.get('caps') ?? 'x') && seen.get('privileges') === '1';
  return [
    ...NAMESPACES.map((name): Finding => {
      const part = `${name} namespace`;
      if (apart(name)) return finding(part, true, 'of its own', UPDATE);
      // Control groups are not writable inside, with or without a view of their own.
      if (name === 'cgroup') return { part, status: 'degraded', detail: 'shared with the host', mend: UPDATE };
      return finding(part, false, 'shared with the host', UPDATE);
    }),
    finding(
      'user inside',
      seen.get('uid') === String(AGENT.uid) && owner !== undefined && owner !== '0' && dropped,
      `uid ${seen.get('uid')}, on the host uid ${owner}, ${dropped ? 'without' : 'with'} privileges`,
      UPDATE,
    ),
    finding(
      'file system',
      complete && !seen.has('wrote') && !seen.has('saw'),
      seen.has('wrote') || seen.has('saw')
        ? `can write ${seen.get('wrote') ?? 'nothing'} and see ${seen.get('saw') ?? 'nothing'} of the host`
        : 'read-only, without the directories of the host',
      UPDATE,
    ),
    finding(
      'no network',
      complete && seen.get('ways') === '1' && !seen.has('reached') && !reached(),
      reached() ? 'reached a port of this host' : 'no way out, and none to this host',
      UPDATE,
    ),
  ];
};

const MEMORY = 'x=0123456789abcdef; i=0; while [ $i -lt 24 ]; do x=$x$x; i=$((i+1)); done; echo got=256';
const PROCESSES = 'i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i+1)); done; echo got=$i';
const CPU = `end=$(($(date +%s%N) + 500000000)); while [ $(date +%s%N) -lt $end ]; do :; done
read -r line < /proc/self/stat; set -- \${line##*) }; echo "got=$((\${12} + \${13} + \${14} + \${15}))"`;
/** Of the 50 clock ticks of half a second; a fifth of a CPU gives 10. */
const MOST_TICKS = 25;

/** The limits, each by running into it. */
export const probeLimits = async (host: ProbeHost, means: Means): Promise<readonly Finding[]> => {
  const lacks = (name: string) => means.kind === 'partly' && means.missing.includes(name);
  const left = (part: string): Finding => ({ part, status: 'degraded', detail: 'not enforced', mend: MEND_GROUPS });
  const probes = [
    { part: 'memory limit', controller: 'memory', script: MEMORY, limits: { memoryMb: 64 } },
    { part: 'process limit', controller: 'pids', script: PROCESSES, limits: { maxProcesses: 16 } },
    { part: 'CPU limit', controller: 'cpu', script: CPU, limits: { cpus: 0.2 } },
  ];
  const findings: Finding[] = [];
  for (const { part, controller, script, limits } of probes) {
    if (lacks(controller)) {
      findings.push(left(part));
      continue;
    }
    const got = (await attempt(host, script, limits)).get('got');
    const held = controller === 'cpu' ? Number(got) < MOST_TICKS : got === undefined;
    findings.push(finding(part, held, held ? 'holds' : `did not hold (${got})`, MEND_GROUPS));
  }
  return findings;
};

/** What the quota is counted with; without one of them a job could fill the disk. */
const QUOTA_TOOLS = ['du', 'find', 'sort', 'stat'] as const;

const FILL =
  'exec 3> nameless; rm nameless; head -c 12M /dev/zero >&3; head -c 12M /dev/zero > named; sleep 15; echo got=24';

/** The quota on disk, by exceeding it with a file that has a name and one that has none. */
export const probeQuota = async (host: ProbeHost, means: Means): Promise<Finding> => {
  const part = 'disk quota';
  const lacking = QUOTA_TOOLS.filter((name) => findTool(name) === null);
  if (lacking.length > 0) {
    return finding(
      part,
      false,
      `not installed: ${lacking.join(', ')}`,
      'sudo apt-get install --yes coreutils findutils',
    );
  }
  const got = (await attempt(host, FILL, { diskMb: 20, maxOutputBytes: 1_048_576 })).get('got');
  // Without control groups nobody can tell whose the nameless files are.
  if (got !== undefined && means.kind !== 'groups') {
    return { part, status: 'degraded', detail: 'files without a name are not counted', mend: MEND_GROUPS };
  }
  return finding(part, got === undefined, got === undefined ? 'holds' : 'did not hold', 'Report this: it is a fault.');
};
