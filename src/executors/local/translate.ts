/**
 * The walls of a place as data, and their translation to a bubblewrap command. Pure.
 *
 * Two ways lead to the same place. A server without privileges lets bubblewrap make a user namespace. A server that is
 * root must not: the job would be host root behind the walls. There bubblewrap runs as real root, so that sources below
 * a 0700 directory can be mounted, and the process then enters a user namespace that was made beforehand, in which an
 * unprivileged host uid is seen as uid 1000. Nothing inside makes a namespace: the filter of system calls forbids it.
 *
 * Hazard: no option of bubblewrap stands in an argument list, since they hold the environment, and with it the run's
 * token, which `ps` would show to every user of the host. They go through `--args`, from a file that nobody else reads.
 */
import { dirname } from 'node:path';
import { PLACE } from '../../ports/executor.ts';
import { RELAY_ENV, RELAY_NODE, relayPrefix } from './relay.ts';

/** The user inside every place. */
export const AGENT = { name: 'agent', uid: 1000, gid: 1000 } as const;

/** Where named programs stand inside; first in PATH. */
export const PROGRAMS_DIR = '/opt/slipway/bin';

/** Where installed packages stand inside. */
export const PACKAGES_DIR = '/opt/slipway/packages';
const FIRST_SHELL = '/opt/slipway/sh';

/** Descriptors that the supervisor opens for the command. */
export const OPTIONS_FD = 3;
export const STATUS_FD = 4;
export const FILTER_FD = 5;
export const NAMESPACE_FD = 8;
export const INSIDE_FD = 9;

export type Mount =
  | { readonly kind: 'read-only' | 'writable'; readonly from: string; readonly to: string }
  | { readonly kind: 'tmpfs'; readonly to: string; readonly mode: number; readonly bytes: number }
  | { readonly kind: 'directory'; readonly to: string }
  | { readonly kind: 'symlink'; readonly to: string; readonly target: string }
  | { readonly kind: 'proc' | 'dev'; readonly to: string };

/**
 * Who the job is on the host: the server's own user, whose first process inside is a shell that nobody can read; or a uid
 * that root changes to with two tools.
 */
export type Identity =
  | { readonly kind: 'own'; readonly shell: string }
  | { readonly kind: 'changed'; readonly uid: number; readonly nsenter: string; readonly unshare: string };

/** Everything that stands between a job and its host. What is not mounted does not exist inside. */
export interface Walls {
  readonly identity: Identity;
  /** Whether system calls are filtered. */
  readonly filtered: boolean;
  /** In the order in which they are made: a later one covers an earlier one. */
  readonly mounts: readonly Mount[];
  /** A command that becomes the command behind it. */
  readonly before: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path inside. */
  readonly program: string;
  readonly args: readonly string[];
}

/** What is the same for all places of a server, as found on its host. */
export interface HostView {
  readonly identity: Identity;
  /** /usr and its companions, as the host has them. */
  readonly system: readonly Mount[];
  /** Directories below /usr that may hold the operator's secrets, such as registry tokens; empty inside. */
  readonly masked: readonly string[];
  /** Directory on the host with the made-up part of /etc. */
  readonly etc: string;
  /** Parts of the host's /etc that are seen as they are. */
  readonly etcParts: readonly string[];
  /** Named programs: name → path on the host. */
  readonly programs: Readonly<Record<string, string>>;
}

/** What the walls of one job have besides. */
export interface Furnishing {
  /** Made last, in this order. */
  readonly mounts: readonly Mount[];
  readonly env: Readonly<Record<string, string>>;
  /** Directories inside that come first in PATH. */
  readonly paths: readonly string[];
}

export const UNFURNISHED: Furnishing = { mounts: [], env: {}, paths: [] };

/** What is of one job. */
export interface PlaceView {
  readonly workspace: string;
  readonly home: string;
  readonly sockets: string | null;
  /** Node binary on the host for the relay to the egress proxy; null for a place without hosts to reach. */
  readonly relayNode: string | null;
  readonly memoryBytes: number;
  readonly filtered: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly furnishing: Furnishing;
  readonly program: string;
  readonly args: readonly string[];
}

/** What everybody may write to. */
const SCRATCH_MODE = 0o1777;

const directory = (to: string): Mount => ({ kind: 'directory', to });
const readOnly = (from: string, to: string): Mount => ({ kind: 'read-only', from, to });

/** The walls of a job. */
export const wallsOf = (host: HostView, place: PlaceView): Walls => {
  // Charged to the job's memory; half of it, so that a full /tmp is an error that a program sees, and not its death.
  const scratch = (to: string): Mount => ({
    kind: 'tmpfs',
    to,
    mode: SCRATCH_MODE,
    bytes: Math.ceil(place.memoryBytes / 2),
  });
  return {
    identity: host.identity,
    filtered: place.filtered,
    mounts: [
      ...host.system,
      ...host.masked.map((to): Mount => ({ kind: 'tmpfs', to, mode: 0o755, bytes: 4096 })),
      readOnly(host.etc, '/etc'),
      ...host.etcParts.map((path) => readOnly(path, path)),
      { kind: 'proc', to: '/proc' },
      { kind: 'dev', to: '/dev' },
      scratch('/dev/shm'),
      scratch('/tmp'),
      directory('/var'),
      scratch('/var/tmp'),
      { kind: 'tmpfs', to: '/run', mode: 0o755, bytes: 65_536 },
      directory('/opt'),
      directory('/opt/slipway'),
      directory(PROGRAMS_DIR),
      // By itself bubblewrap makes the parents of a mount for their owner alone.
      directory(PACKAGES_DIR),
      ...(host.identity.kind === 'own' ? [readOnly(host.identity.shell, FIRST_SHELL)] : []),
      ...Object.entries(host.programs).map(([name, path]) => readOnly(path, `${PROGRAMS_DIR}/${name}`)),
      directory('/home'),
      { kind: 'writable', from: place.home, to: PLACE.home },
      { kind: 'writable', from: place.workspace, to: PLACE.workspace },
      ...(place.sockets === null ? [] : [readOnly(place.sockets, PLACE.sockets)]),
      ...place.furnishing.mounts,
      ...(place.relayNode === null ? [] : [directory(dirname(RELAY_NODE)), readOnly(place.relayNode, RELAY_NODE)]),
    ],
    before: place.relayNode === null ? [] : relayPrefix(),
    env: {
      ...place.furnishing.env,
      ...place.env,
      ...(place.relayNode === null ? {} : RELAY_ENV),
      HOME: PLACE.home,
      PATH: `${[PROGRAMS_DIR, ...place.furnishing.paths].join(':')}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      TMPDIR: '/tmp',
      LANG: 'C.UTF-8',
      USER: AGENT.name,
    },
    program: place.program,
    args: place.args,
  };
};

const mode = (bits: number): string => bits.toString(8).padStart(4, '0');

const mountOptions = (mount: Mount): readonly string[] => {
  switch (mount.kind) {
    case 'read-only':
      return ['--ro-bind', mount.from, mount.to];
    case 'writable':
      return ['--bind', mount.from, mount.to];
    case 'tmpfs':
      return ['--perms', mode(mount.mode), '--size', String(mount.bytes), '--tmpfs', mount.to];
    case 'directory':
      return ['--perms', '0755', '--dir', mount.to];
    case 'symlink':
      return ['--symlink', mount.target, mount.to];
    case 'proc':
      return ['--proc', mount.to];
    case 'dev':
      return ['--dev', mount.to];
  }
};

/** Without a change of identity, the job owns what it finds, and only read-only mounts keep it from writing there. */
const sealingOptions = (mount: Mount): readonly string[] => {
  const sealed = mount.kind === 'dev' || (mount.kind === 'tmpfs' && mount.mode !== SCRATCH_MODE);
  return sealed ? ['--remount-ro', mount.to] : [];
};

/** Bubblewrap's options, for `--args`. */
export const sandboxOptions = (walls: Walls): readonly string[] => [
  '--unshare-pid',
  '--unshare-net',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  ...(walls.identity.kind === 'own'
    ? ['--unshare-user', '--uid', String(AGENT.uid), '--gid', String(AGENT.gid), '--as-pid-1']
    : []),
  '--die-with-parent',
  '--new-session',
  '--hostname',
  'slipway',
  '--json-status-fd',
  String(STATUS_FD),
  ...(walls.filtered ? ['--seccomp', String(FILTER_FD)] : []),
  '--clearenv',
  ...Object.entries(walls.env).flatMap(([name, value]) => ['--setenv', name, value]),
  ...walls.mounts.flatMap(mountOptions),
  ...walls.mounts.flatMap(sealingOptions),
  '--remount-ro',
  '/',
  '--chdir',
  PLACE.workspace,
];

/** Says that all walls stand, then becomes the program. It is the last step before the program, on purpose. */
const ENTRY = `echo inside >&${INSIDE_FD}; exec ${INSIDE_FD}>&- ${NAMESPACE_FD}<&-; exec "$@"`;

/**
 * The same, staying as the first process inside. Where the server is not root, bubblewrap's own first process has the
 * job's user and its output open, and the job could open that again; a shell whose file nobody can read is closed to it.
 * Its own words, such as "Killed", are not the job's.
 */
const FIRST = `echo inside >&${INSIDE_FD}; exec ${INSIDE_FD}>&- ${OPTIONS_FD}>&2 2>/dev/null; (exec "$@" 2>&${OPTIONS_FD} ${OPTIONS_FD}>&-); exit $?`;

/** The change of user takes every capability away; bubblewrap has seen to it that none can be had again. */
const enter = (identity: Identity): readonly string[] => {
  if (identity.kind === 'own') return [FIRST_SHELL, '-c', FIRST];
  const user = [`--user=/proc/self/fd/${NAMESPACE_FD}`, `--setuid=${AGENT.uid}`, `--setgid=${AGENT.gid}`];
  return [identity.nsenter, ...user, '--', '/bin/sh', '-c', ENTRY];
};

/** The command that the supervisor runs: nothing in it is secret, and nothing of the job is in front of the last `--`. */
export const sandboxCommand = (bwrap: string, walls: Walls): readonly string[] => [
  bwrap,
  '--args',
  String(OPTIONS_FD),
  '--',
  ...enter(walls.identity),
  'slipway',
  ...walls.before,
  walls.program,
  ...walls.args,
];
