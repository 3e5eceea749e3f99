/**
 * One build step as a process in bubblewrap: a root file system of its own, `/workspace` and volumes shared with the
 * other steps. As in reality, a step is root inside, and the network is open.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';

/** What an image brings along: files of this machine, by their path inside. */
export interface Image {
  readonly files: Readonly<Record<string, string>>;
  readonly entrypoint: string;
}

export interface StepProcess {
  readonly image: Image;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Below `/workspace`, or absolute. */
  readonly dir: string;
  /** Directory of this machine by its path inside. */
  readonly mounts: Readonly<Record<string, string>>;
}

const SYSTEM = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
const ETC = ['alternatives', 'group', 'hosts', 'ld.so.cache', 'nsswitch.conf', 'passwd', 'resolv.conf', 'ssl'];

const systemMounts = (): string[] =>
  SYSTEM.filter((path) => existsSync(path)).flatMap((path) =>
    lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path],
  );

const isRoot = process.getuid?.() === 0;

const optionsOf = (step: StepProcess): string[] => [
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  // Whoever is not root here cannot be root inside and change to another user there: the step is the agent's user then.
  ...(isRoot ? [] : ['--unshare-user', '--uid', '1000', '--gid', '1000']),
  '--die-with-parent',
  '--new-session',
  '--clearenv',
  ...Object.entries(step.env).flatMap(([name, value]) => ['--setenv', name, value]),
  '--ro-bind',
  '/usr',
  '/usr',
  ...systemMounts(),
  // What bubblewrap makes by itself on the way to a mount, only root could enter.
  ...['/etc', '/home', '/opt', '/builder', '/root'].flatMap((path) => ['--perms', '0755', '--dir', path]),
  ...ETC.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--perms',
  '1777',
  '--tmpfs',
  '/tmp',
  '--tmpfs',
  '/run',
  // An image has its own programs there, and none of this machine's.
  '--tmpfs',
  '/usr/local/bin',
  ...Object.entries(step.image.files).flatMap(([inside, path]) => ['--ro-bind', path, inside]),
  ...Object.entries(step.mounts).flatMap(([inside, path]) => ['--bind', path, inside]),
  '--chdir',
  step.dir.startsWith('/') ? step.dir : `/workspace/${step.dir}`,
];

export interface StartedStep {
  readonly child: ChildProcess;
  /** Ends it with all that it started, also while it is being started. */
  kill(): void;
}

export const spawnStep = (step: StepProcess): StartedStep => {
  // The environment may hold secrets: it goes through a pipe, not through an argument list.
  const child = spawn('bwrap', ['--args', '3', '--json-status-fd', '4', '--', ...step.command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  const options = child.stdio[3];
  if (options !== null && options !== undefined && 'end' in options) {
    options.on('error', () => undefined);
    options.end(
      optionsOf(step)
        .map((text) => `${text}\0`)
        .join(''),
    );
  }
  return { child, kill: killerOf(child) };
};

/**
 * The first process inside takes all others with it. Bubblewrap itself does not, when it is killed before that process
 * has asked to die with it: so it is left alone until it has told which one that is.
 */
const killerOf = (child: ChildProcess): (() => void) => {
  let first: number | null = null;
  let wanted = false;
  let told = '';
  const kill = (): void => {
    wanted = true;
    if (first === null || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(first, 'SIGKILL');
    } catch {
      // It has gone already.
    }
  };
  const status = child.stdio[4];
  if (status !== null && status !== undefined && 'on' in status) {
    status.on('data', (bytes: Buffer) => {
      told += bytes.toString();
      first ??= Number(/"child-pid": *(\d+)/.exec(told)?.[1] ?? 0) || null;
      if (wanted) kill();
    });
  }
  return kill;
};
