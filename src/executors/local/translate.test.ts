import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type HostView,
  type Identity,
  OPTIONS_FD,
  type PlaceView,
  sandboxCommand,
  sandboxOptions,
  UNFURNISHED,
  wallsOf,
} from './translate.ts';

const OWN: Identity = { kind: 'own', shell: '/data/sh' };
const CHANGED: Identity = { kind: 'changed', uid: 61_234, nsenter: '/usr/bin/nsenter', unshare: '/usr/bin/unshare' };

const host = (identity: Identity): HostView => ({
  identity,
  system: [
    { kind: 'read-only', from: '/usr', to: '/usr' },
    { kind: 'symlink', to: '/bin', target: 'usr/bin' },
  ],
  masked: ['/usr/local/etc'],
  etc: '/data/.etc',
  etcParts: ['/etc/ssl/certs'],
  programs: { claude: '/opt/claude' },
});

const place = (view: Partial<PlaceView> = {}): PlaceView => ({
  workspace: '/data/run/1/workspace',
  home: '/data/run/1/home',
  sockets: null,
  relayNode: null,
  memoryBytes: 1_000_000,
  filtered: true,
  env: {},
  furnishing: UNFURNISHED,
  program: '/bin/sh',
  args: [],
  ...view,
});

/** How many operands each option takes; there is no other option. */
const OPERANDS: Readonly<Record<string, number>> = {
  '--unshare-pid': 0,
  '--unshare-net': 0,
  '--unshare-ipc': 0,
  '--unshare-uts': 0,
  '--unshare-cgroup-try': 0,
  '--unshare-user': 0,
  '--die-with-parent': 0,
  '--new-session': 0,
  '--clearenv': 0,
  '--uid': 1,
  '--gid': 1,
  '--hostname': 1,
  '--json-status-fd': 1,
  '--seccomp': 1,
  '--as-pid-1': 0,
  '--chdir': 1,
  '--perms': 1,
  '--size': 1,
  '--tmpfs': 1,
  '--dir': 1,
  '--proc': 1,
  '--dev': 1,
  '--remount-ro': 1,
  '--setenv': 2,
  '--ro-bind': 2,
  '--bind': 2,
  '--symlink': 2,
};

/** Reads options as bubblewrap does. */
const parse = (options: readonly string[]): readonly (readonly string[])[] => {
  const found: (readonly string[])[] = [];
  for (let at = 0; at < options.length; ) {
    const name = options[at] ?? '';
    const count = OPERANDS[name];
    if (count === undefined) throw new Error(`No option: ${name}`);
    found.push(options.slice(at, at + 1 + count));
    at += 1 + count;
  }
  return found;
};

const identities: readonly Identity[] = [OWN, CHANGED];
const hostile = fc.oneof(
  fc.string(),
  fc.constantFrom('--bind', '--', '--share-net', '--dev-bind', '--ro-bind', '--args', '--cap-add', 'ALL', '/', '--uid'),
);
const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/).filter((name) => name !== '__proto__');

describe('walls', () => {
  it('share no namespace and nothing of the network, whoever the job is', () => {
    for (const identity of identities) {
      const options = parse(sandboxOptions(wallsOf(host(identity), place()))).map(([name]) => name);
      const needed = [
        '--unshare-pid',
        '--unshare-net',
        '--unshare-ipc',
        '--unshare-uts',
        '--die-with-parent',
        '--clearenv',
      ];
      expect(options).toEqual(expect.arrayContaining([...needed, '--new-session']));
      expect(options.includes('--unshare-user')).toBe(identity.kind === 'own');
    }
  });

  it('have two writable sources, whatever the job asks for, and no option of its making', () => {
    fc.assert(
      fc.property(
        fc.dictionary(names, hostile, { noNullPrototype: true }),
        fc.array(hostile),
        fc.option(fc.constantFrom('/gw', '/--bind')),
        fc.constantFrom(...identities),
        (env, args, sockets, identity) => {
          const walls = wallsOf(host(identity), place({ env, args, sockets }));
          const options = parse(sandboxOptions(walls));
          const writable = options.filter(([name]) => name === '--bind').map(([, from, to]) => [from, to]);
          expect(writable).toEqual([
            ['/data/run/1/home', '/home/agent'],
            ['/data/run/1/workspace', '/workspace'],
          ]);
          const sources = options.filter(([name]) => name === '--ro-bind').map(([, from]) => from);
          const shell = identity.kind === 'own' ? [identity.shell] : [];
          const given = ['/usr', '/data/.etc', '/etc/ssl/certs', ...shell, '/opt/claude'];
          if (sockets !== null) given.push(sockets);
          expect(sources).toEqual(given);
          const set = new Map(options.filter(([name]) => name === '--setenv').map(([, name, value]) => [name, value]));
          const own = ['HOME', 'PATH', 'TMPDIR', 'LANG', 'USER'];
          for (const [name, value] of Object.entries(env)) if (!own.includes(name)) expect(set.get(name)).toBe(value);
          expect(set.size).toBe(new Set([...Object.keys(env), ...own]).size);
        },
      ),
    );
  });

  it('put nothing of the environment into a command, and nothing of the job before the program', () => {
    fc.assert(
      fc.property(fc.array(hostile), fc.constantFrom(...identities), (args, identity) => {
        const walls = wallsOf(host(identity), place({ args, env: { TOKEN: 'a-secret' } }));
        const command = sandboxCommand('/usr/bin/bwrap', walls);
        expect(command.slice(0, 4)).toEqual(['/usr/bin/bwrap', '--args', String(OPTIONS_FD), '--']);
        expect(command.slice(command.length - args.length - 1)).toEqual(['/bin/sh', ...args]);
        const without = sandboxCommand('/usr/bin/bwrap', wallsOf(host(identity), place()));
        expect(command.slice(0, command.length - args.length)).toEqual(without);
        expect(without.join(' ')).not.toContain('a-secret');
      }),
    );
  });

  it('change the user by entering a namespace, and make none, where the server is root', () => {
    const command = sandboxCommand('/usr/bin/bwrap', wallsOf(host(CHANGED), place())).join(' ');
    expect(command).toContain('-- /usr/bin/nsenter --user=/proc/self/fd/8 --setuid=1000 --setgid=1000 -- /bin/sh');
    expect(command).not.toContain('unshare');
    expect(sandboxCommand('/usr/bin/bwrap', wallsOf(host(OWN), place())).join(' ')).not.toContain('nsenter');
  });

  it('filter system calls, unless there is no filter', () => {
    for (const identity of identities) {
      const filterOf = (filtered: boolean) =>
        parse(sandboxOptions(wallsOf(host(identity), place({ filtered })))).filter(([name]) => name === '--seccomp');
      expect(filterOf(true)).toEqual([['--seccomp', '5']]);
      expect(filterOf(false)).toEqual([]);
    }
  });

  it('are read-only after all mounts are made, but for scratch, workspace and home', () => {
    const options = parse(sandboxOptions(wallsOf(host(OWN), place({ sockets: '/gw' }))));
    const mounts = options.filter(([name]) => ['--tmpfs', '--dev'].includes(name ?? '')).map(([, to]) => to);
    const sealed = options.filter(([name]) => name === '--remount-ro').map(([, to]) => to);
    const open = mounts.filter((to) => !sealed.includes(to));
    expect(open.toSorted()).toEqual(['/dev/shm', '/tmp', '/var/tmp']);
    expect(sealed).toContain('/');
    const last = options.findLastIndex(([name]) =>
      ['--tmpfs', '--dev', '--ro-bind', '--bind', '--dir'].includes(name ?? ''),
    );
    expect(options.findIndex(([name]) => name === '--remount-ro')).toBeGreaterThan(last);
  });

  it('bound scratch space by the memory of the job', () => {
    const options = parse(sandboxOptions(wallsOf(host(CHANGED), place({ memoryBytes: 1_001 }))));
    const at = options.findIndex(([name, to]) => name === '--tmpfs' && to === '/tmp');
    expect(options.slice(at - 2, at)).toEqual([
      ['--perms', '1777'],
      ['--size', '501'],
    ]);
  });
});
