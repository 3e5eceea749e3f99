/** The walls around a place, taken away one by one: kernel, mounts, namespaces, users. */
import { edit, type Removal } from './removal.ts';

const TRANSLATE = 'src/executors/local/translate.ts';
const HOST = 'src/executors/local/host.ts';
const ADMISSION = 'src/gateway/admission.ts';

const NO_FILTER = edit(TRANSLATE, "...(walls.filtered ? ['--seccomp', String(FILTER_FD)] : []),", '');
const READABLE = edit('src/executors/local/sealed-programs.ts', 'EXECUTE_ONLY = 0o111', 'EXECUTE_ONLY = 0o555');
const NO_NETWORK_NAMESPACE = edit(TRANSLATE, "  '--unshare-net',\n", '');
const NO_PROCESS_NAMESPACE = edit(TRANSLATE, "  '--unshare-pid',\n", '');
const HOST_TMP = edit(TRANSLATE, "scratch('/tmp'),", "{ kind: 'writable', from: '/tmp', to: '/tmp' },");
/** Claude Code refuses to work for root where it is told to ask nobody, unless it is told that it is in a sandbox. */
const AS_ROOT = [
  edit(
    TRANSLATE,
    "return [identity.nsenter, ...user, '--', '/bin/sh', '-c', ENTRY];",
    "return ['/bin/sh', '-c', ENTRY];",
  ),
  edit(TRANSLATE, '      USER: AGENT.name,\n', "      USER: AGENT.name,\n      IS_SANDBOX: '1',\n"),
];

/** Bubblewrap asks for both by itself, whatever its options are. */
const WITHOUT_NOSUID = `#define _GNU_SOURCE
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int prctl(int option, ...) {
  unsigned long a[4];
  va_list list;
  va_start(list, option);
  for (int i = 0; i < 4; i++) a[i] = va_arg(list, unsigned long);
  va_end(list);
  return option == PR_SET_NO_NEW_PRIVS ? 0 : syscall(SYS_prctl, option, a[0], a[1], a[2], a[3]);
}
int mount(const char *from, const char *to, const char *type, unsigned long flags, const void *data) {
  return syscall(SYS_mount, from, to, type, flags & ~MS_NOSUID, data);
}
`;

const theKey: readonly Removal[] = [
  {
    attack: 'The model key in any environment, process, file or argument',
    wall: 'the key is in the environment of the job',
    edits: [
      edit(
        'src/gateway/gateway.ts',
        'env: accessEnv(way.lane.token),',
        "env: { ...accessEnv(way.lane.token), LEAKED: options.upstream.apiKey ?? '' },",
      ),
    ],
  },
  {
    attack: 'The model key in any environment, process, file or argument',
    wall: 'no process namespace: the command line of the server is seen',
    edits: [NO_PROCESS_NAMESPACE],
  },
  {
    attack: 'The model key, asked of the gateway',
    wall: 'the gateway passes any path',
    edits: [
      edit(
        ADMISSION,
        "if (request.method !== 'POST' || !(metered || pathname === '/v1/messages/count_tokens')) {",
        "if (pathname === '') {",
      ),
    ],
  },
  {
    attack: 'The model key, asked of the gateway',
    wall: 'the gateway asks for no token',
    edits: [
      edit(
        ADMISSION,
        '!presentedTokens(request.headers).some((token) => isSameToken(token, lane.token))',
        'presentedTokens(request.headers).length > 9',
      ),
    ],
  },
  {
    attack: "A run's token, used for another run or after its own",
    wall: 'any run’s token will do',
    edits: [edit(ADMISSION, 'isSameToken(token, lane.token)', "token.startsWith('slwrun_')")],
  },
];

const network: readonly Removal[] = [
  {
    attack: 'Loopback, host, metadata and public addresses',
    wall: 'no network namespace',
    edits: [NO_NETWORK_NAMESPACE],
  },
  { attack: 'DNS and datagrams as a channel', wall: 'no network namespace', edits: [NO_NETWORK_NAMESPACE] },
  {
    attack: 'DNS and datagrams as a channel',
    wall: 'resolv.conf names a server',
    edits: [edit(HOST, "'resolv.conf': ''", "'resolv.conf': 'nameserver 192.0.2.1\\n'")],
  },
  {
    attack: 'Host sockets: container engines, D-Bus, abstract names',
    wall: 'no network namespace: abstract names',
    edits: [NO_NETWORK_NAMESPACE],
  },
  {
    attack: 'Host sockets: container engines, D-Bus, abstract names',
    wall: 'the host’s /tmp is mounted: sockets by path',
    edits: [HOST_TMP],
  },
];

const files: readonly Removal[] = [
  {
    attack: 'Files of the host, of the server, of another run; `/proc`',
    wall: 'the host’s /tmp is mounted',
    edits: [HOST_TMP],
  },
  {
    attack: 'Files of the host, of the server, of another run; `/proc`',
    wall: 'the host’s /etc is mounted',
    edits: [
      edit(TRANSLATE, "readOnly(host.etc, '/etc'),", "readOnly('/etc', '/etc'),"),
      edit(TRANSLATE, '...host.etcParts.map((path) => readOnly(path, path)),', ''),
    ],
  },
  {
    attack: 'Writing outside workspace, home and scratch',
    wall: 'what is made up is neither read-only nor another user’s (the host’s own /usr stays both)',
    edits: [
      edit(TRANSLATE, "  '--remount-ro',\n  '/',\n", ''),
      edit(TRANSLATE, "['--perms', '0755', '--dir', mount.to]", "['--perms', '0777', '--dir', mount.to]"),
    ],
  },
  {
    attack: 'Writing outside workspace, home and scratch',
    wall: '/run and /dev are neither read-only nor another user’s',
    edits: [
      edit(TRANSLATE, "return sealed ? ['--remount-ro', mount.to] : [];", 'return sealed ? [] : [];'),
      edit(TRANSLATE, "to: '/run', mode: 0o755, bytes: 65_536 }", "to: '/run', mode: 0o777, bytes: 65_536 }"),
    ],
  },
];

const rights: readonly Removal[] = [
  {
    attack: 'uid 0, capabilities, mounts, signals to PID 1',
    wall: 'the job stays the root that made its place',
    edits: AS_ROOT,
  },
  {
    attack: 'Setuid programs',
    wall: 'no no_new_privs, no nosuid, and a user namespace that knows root: three walls at once',
    library: WITHOUT_NOSUID,
    edits: [
      // Without no_new_privs, nobody but root may set a filter.
      NO_FILTER,
      edit(
        TRANSLATE,
        "  bwrap,\n  '--args',",
        "  '/usr/bin/env',\n  `LD_PRELOAD=${import.meta.dirname}/../../../removal.so`,\n  bwrap,\n  '--args',",
      ),
      edit(
        TRANSLATE,
        "return [identity.nsenter, ...user, '--', '/bin/sh', '-c', ENTRY];",
        "void user;\n  return ['/usr/bin/setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', '--', '/bin/sh', '-c', ENTRY];",
      ),
      edit('src/executors/local/executor.ts', 'DEFAULT_JOB_UID = 61_234', 'DEFAULT_JOB_UID = 1_000'),
    ],
  },
  {
    attack: 'Devices',
    wall: 'the host’s /dev is mounted',
    edits: [
      edit(TRANSLATE, "return ['--dev', mount.to];", "return ['--dev-bind', '/dev', mount.to];"),
      // Made read-only, it would have no device that works, and no program would.
      edit(TRANSLATE, "mount.kind === 'dev' || (mount", '(mount'),
    ],
  },
  { attack: 'Devices', wall: 'the capability to make one is left', edits: AS_ROOT },
];

const kernel: readonly Removal[] = [
  {
    attack: 'Killing, stopping or seeing the supervisor, the server, other processes',
    wall: 'no process namespace',
    edits: [NO_PROCESS_NAMESPACE],
  },
  { attack: 'Tracing the CLI (`ptrace`)', wall: 'no filter, and a CLI that can be read', edits: [NO_FILTER, READABLE] },
  {
    attack: "The CLI's memory, environment and descriptors through `/proc`",
    wall: 'the CLI can be read',
    edits: [READABLE],
  },
  { attack: "A forged line in the CLI's own output", wall: 'the CLI can be read', edits: [READABLE] },
  {
    attack: 'A forged `result` line, and an interrupted CLI, which exits with 0',
    wall: 'the CLI can be read, and its output is a file that everybody may write',
    edits: [
      READABLE,
      edit('src/executors/local/supervisor.ts', '  exec < stdin >> stdout', '  umask 000\n  exec < stdin >> stdout'),
    ],
  },
  {
    attack: 'The same where the server is not root',
    wall: 'the first process inside is the host’s shell, which can be read',
    edits: [edit(TRANSLATE, "return [FIRST_SHELL, '-c', FIRST];", "return ['/bin/sh', '-c', FIRST];")],
  },
  {
    attack: 'The same where the server is not root',
    wall: 'the program can be read',
    edits: [READABLE],
  },
  { attack: 'Namespaces in namespaces', wall: 'no filter', edits: [NO_FILTER] },
  {
    attack:
      'Parts of the kernel that escapes begin with: bpf, keyrings, io_uring, userfaultfd, perf, odd sockets, `TIOCSTI`',
    wall: 'no filter',
    edits: [NO_FILTER],
  },
  {
    attack: 'Descriptors that the server was handed',
    wall: 'they are not looked for',
    edits: [edit('src/executors/local/transport.ts', 'inherited ??= findInherited();', 'inherited ??= [];')],
  },
];

export const PLACE_REMOVALS: readonly Removal[] = [...theKey, ...network, ...files, ...rights, ...kernel];
