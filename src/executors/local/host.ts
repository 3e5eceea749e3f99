/** What this host has: its tools, its system directories, and the made-up /etc that places see. */
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../core/errors.ts';
import { freshName } from './place.ts';
import { AGENT, type HostView, type Identity, type Mount } from './translate.ts';

const TOOL_DIRS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

/** Absolute path of a tool; null when the host has none. */
export const findTool = (name: string): string | null => {
  const paths = TOOL_DIRS.map((dir) => join(dir, name));
  return paths.find((path) => isExecutable(path)) ?? null;
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const SYSTEM = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

const systemMounts = (): readonly Mount[] => [
  { kind: 'read-only', from: '/usr', to: '/usr' },
  ...SYSTEM.flatMap((path): readonly Mount[] => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    if (stat.isSymbolicLink()) return [{ kind: 'symlink', to: path, target: readlinkSync(path) }];
    return [{ kind: 'read-only', from: path, to: path }];
  }),
];

/** Where an operator's own configuration, sources and data would be; npm keeps registry tokens in the first. */
const MASKED = ['/usr/local/etc', '/usr/local/src', '/usr/local/var', '/usr/etc'];

/** No key, no account and no address of the host is in these. */
const ETC_DIRECTORIES = ['/etc/ssl/certs', '/etc/pki/tls/certs', '/etc/pki/ca-trust/extracted', '/etc/alternatives'];
const ETC_FILES = ['/etc/ld.so.cache', '/etc/localtime', '/etc/ssl/openssl.cnf', '/etc/mime.types', '/etc/protocols'];

const ETC: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/root:/usr/sbin/nologin
${AGENT.name}:x:${AGENT.uid}:${AGENT.gid}:Agent:/home/agent:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`,
  group: `root:x:0:
${AGENT.name}:x:${AGENT.gid}:
nogroup:x:65534:
`,
  hosts: '127.0.0.1 localhost slipway\n::1 localhost\n',
  hostname: 'slipway\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
  'resolv.conf': '',
};

/** Writes the made-up /etc; the parts that are mounted over it need something to be mounted on. */
const writeEtc = (path: string, parts: readonly string[]): void => {
  if (isDirectory(path)) return;
  const draft = `${path}.${freshName()}`;
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(ETC)) writeFileSync(join(draft, name), text, { mode: 0o644 });
  for (const part of parts) {
    const target = join(draft, part.slice('/etc/'.length));
    if (isDirectory(part)) mkdirSync(target, { recursive: true, mode: 0o755 });
    else {
      mkdirSync(join(target, '..'), { recursive: true, mode: 0o755 });
      writeFileSync(target, '', { mode: 0o644 });
    }
  }
  try {
    renameSync(draft, path);
  } catch (error) {
    // Somebody else was faster: the same content.
    if (!isDirectory(path)) throw error;
  }
};

const utilLinux = (name: string): string => {
  const path = findTool(name);
  if (path !== null) return path;
  throw new DomainError('isolation_unavailable', `The tool ${name} is not installed on this host.`, {
    hint: 'Run: apt-get install --yes util-linux',
  });
};

/** The shell of this host, as `Identity.shell` is made from it. */
export const SHELL = '/bin/sh';

const identityFor = (jobUid: number, shell: string): Identity =>
  process.getuid?.() === 0
    ? { kind: 'changed', uid: jobUid, nsenter: utilLinux('nsenter'), unshare: utilLinux('unshare') }
    : { kind: 'own', shell };

/** Path of bubblewrap. */
export const findBubblewrap = (): string => {
  const path = findTool('bwrap');
  if (path !== null) return path;
  throw new DomainError('isolation_unavailable', 'Bubblewrap is not installed on this host.', {
    hint: 'Run: apt-get install --yes bubblewrap',
  });
};

/** What of this host's programs places see: as they are, or as copies that cannot be read. */
export interface HostPrograms {
  readonly named: Readonly<Record<string, string>>;
  /** The host's shell. */
  readonly shell: string;
}

/** Looks at the host; cheap enough for each start, so that what was mended counts at once. */
export const viewHost = (runsDir: string, jobUid: number, programs: HostPrograms): HostView => {
  const identity = identityFor(jobUid, programs.shell);
  const etcParts = [...ETC_DIRECTORIES, ...ETC_FILES].filter((path) => statSync(path, { throwIfNoEntry: false }));
  // Named after its content, so that a host that gained a part gets another one.
  const etc = join(runsDir, `.etc-${etcParts.length}-${etcParts.join('').length}`);
  writeEtc(etc, etcParts);
  const installed = Object.entries(programs.named).filter(([, path]) => isExecutable(path));
  return {
    identity,
    system: systemMounts(),
    masked: MASKED.filter(isDirectory),
    etc,
    etcParts,
    programs: Object.fromEntries(installed),
  };
};
