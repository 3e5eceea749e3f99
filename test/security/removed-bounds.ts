/**
 * Limits, what is collected, and the way to other hosts, taken away one by one. Hazard: without the limit, an attack is
 * what it is, so the copy's attack is made smaller: large enough for the limit, too small for the machine.
 */
import { edit, type Removal } from './removal.ts';

const CGROUP = 'src/executors/local/cgroup.ts';
const SUPERVISOR = 'src/executors/local/supervisor.ts';
const QUOTA = 'src/executors/local/disk-quota.ts';
const TREE = 'src/executors/local/tree.ts';
const LIMITS_TEST = 'test/security/limits.test.ts';
const DISK_TEST = 'test/contracts/executor/local-disk.test.ts';
const ROUTES = 'src/http/routes/artifacts.ts';
const EGRESS = 'src/gateway/egress';

const limits: readonly Removal[] = [
  {
    attack: 'All memory',
    wall: 'no limit of memory (the attack: 1.5 GiB)',
    edits: [
      edit(CGROUP, "    ['memory.max', bytes],\n      ['memory.swap.max', '0'],\n", ''),
      edit(CGROUP, "    ['memory.limit_in_bytes', bytes],\n    ['memory.memsw.limit_in_bytes', bytes],\n", ''),
      edit(
        LIMITS_TEST,
        'x = bytearray(10 * 2**30); print(len(x))" || perl -e \\\'my $x = "a" x (10 * 2**30); print length $x\\\'; head -c 10G',
        'x = bytearray(3 * 2**29); print(len(x))" || perl -e \\\'my $x = "a" x (3 * 2**29); print length $x\\\'; head -c 1G',
      ),
    ],
  },
  {
    attack: 'All memory',
    wall: 'the end for memory is not named',
    edits: [edit(CGROUP, "killed > 0 ? (['memory'] as const) : []", '[]')],
  },
  {
    attack: 'A fork bomb',
    wall: 'no limit of processes (the attack: 200)',
    edits: [
      edit(CGROUP, "return [['pids.max', processes]];", 'return [];'),
      edit(LIMITS_TEST, 'bomb() { bomb | bomb & }; bomb; sleep 3', 'for i in $(seq 200); do sleep 2 & done; sleep 3'),
    ],
  },
  {
    attack: 'All processors',
    wall: 'no limit of processor time',
    edits: [
      edit(
        CGROUP,
        'const quota = String(Math.round(limits.cpus * CPU_PERIOD_US));',
        "const quota = version === 2 ? 'max' : '-1';",
      ),
    ],
  },
  {
    attack: 'A full disk',
    wall: 'the quota is not looked at (the attack: 400 MB)',
    edits: [
      edit(SUPERVISOR, 'if disk_full "$disk" "$reserve" "$nap" "$1"; then', 'if false; then'),
      edit(LIMITS_TEST, 'for i in $(seq 100); do head', 'for i in $(seq 20); do head'),
      edit(LIMITS_TEST, "sleep 0.2; done; sleep 60'", "sleep 0.2; done; sleep 5'"),
    ],
  },
  {
    attack: 'A full disk by files without a name, empty files, reserved room',
    wall: 'files without a name are not counted',
    edits: [
      edit(QUOTA, ' + $(nameless "$processes")))', '))'),
      edit(DISK_TEST, '`${script}; sleep 50`', '`${script}; sleep 6`'),
    ],
  },
  {
    attack: 'A full disk by files without a name, empty files, reserved room',
    wall: 'files are not counted, only what is in them',
    edits: [
      edit(QUOTA, '[ "$left" -gt 0 ] && [ "$left_inodes" -gt 0 ] || return 0', '[ "$left" -gt 0 ] || return 0'),
      edit(DISK_TEST, '`${script}; sleep 50`', '`${script}; sleep 6`'),
    ],
  },
  {
    attack: "The room that the server's database needs",
    wall: 'no reserve (the disk: 400 MB of memory)',
    edits: [
      edit(QUOTA, '[ "$free" -lt "$reserve" ] && [ "$used" -gt ${LITTLE_KIB} ]', 'false'),
      edit(DISK_TEST, 'head -c 230M /dev/zero > a; sleep 50', 'head -c 230M /dev/zero > a; sleep 6'),
    ],
  },
  {
    attack: '`yes` for ever, a line of 150 MB',
    wall: 'a line is kept whole',
    edits: [
      edit('src/engine/split-lines.ts', 'MAX_LINE_BYTES = 8 * 1024 * 1024', 'MAX_LINE_BYTES = 1024 * 1024 * 1024'),
    ],
  },
  {
    attack: '`yes` for ever, a line of 150 MB',
    wall: 'what is printed is not counted: not by the server, the supervisor, or at the end (the attack: 3 MB)',
    edits: [
      edit(
        'src/engine/execute-run.ts',
        'if (stdout + stderr > run.task.limits.maxOutputBytes) {',
        'if (stdout + stderr < 0) {',
      ),
      edit(SUPERVISOR, 'if [ -n "$(find stdout stderr -size +"$most"c)" ]; then', 'if false; then'),
      edit('src/executors/local/exit.ts', 'printed > record.maxOutputBytes', 'printed < 0'),
      edit('test/security/output.test.ts', ` y)" ;; esac`, ` y)" | head -c 3000000 ;; esac`),
    ],
  },
  {
    attack: 'Endless output with no server alive',
    wall: 'the supervisor does not count',
    edits: [
      edit(SUPERVISOR, 'if [ -n "$(find stdout stderr -size +"$most"c)" ]; then', 'if false; then'),
      edit(
        'test/contracts/executor/local-restart.test.ts',
        'head -c 3000 /dev/zero; sleep 600',
        'head -c 3000 /dev/zero; sleep 6',
      ),
    ],
  },
  {
    attack: 'Outliving its run',
    wall: 'nobody looks for who is alive (the supervisor’s own deadline ends it, 15 seconds later)',
    edits: [
      edit(
        'src/executors/local/survivors.ts',
        'new Set(members(record.fence).filter((pid) => processFacts(pid) !== null));',
        'new Set<number>();',
      ),
    ],
  },
];

const collected: readonly Removal[] = [
  // Hard links have no wall of ours to take away: link(2) does not reach over a mount, which every workspace is.
  {
    attack: 'Symbolic and hard links out of the workspace as artifacts',
    wall: 'one symbolic link is followed, by who walks and by who opens',
    edits: [
      edit(TREE, 'lstatSync, opendirSync,', 'lstatSync, opendirSync, statSync,'),
      edit(
        TREE,
        'stats: lstatSync(bytesOf(base, [raw]))',
        "stats: (raw === 'link' ? statSync : lstatSync)(bytesOf(base, [raw]))",
      ),
      edit(
        TREE,
        'const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;',
        'const flags = constants.O_RDONLY | constants.O_NONBLOCK;',
      ),
    ],
  },
  {
    attack: 'Devices, FIFOs and sockets as artifacts',
    wall: 'whatever is no directory counts as a file',
    edits: [edit(TREE, 'else if (stats.isFile() || stats.isSymbolicLink()) {', 'else {')],
  },
  {
    attack: '`../`, absolute, NUL, line breaks and non-UTF-8 in names',
    wall: 'the path of the address is the name of the file that is sent, and any name is one',
    edits: [
      edit(ROUTES, 'requireContent(entry, path));', 'entry === undefined ? path : requireContent(entry, path));'),
      edit(
        'src/artifacts/disk/store.ts',
        "if (!NAME.test(name) || name.startsWith('.')) throw",
        'if (name.length > 9_999 && !NAME.test(name)) throw',
      ),
    ],
  },
  {
    attack: 'A page or an image with a script as an artifact',
    wall: 'it is not sent as a download',
    edits: [edit(ROUTES, "{ type, headers: { 'content-disposition': attachment(name) } }", '{ type }')],
  },
  {
    attack: 'A page or an image with a script as an artifact',
    wall: 'no policy for who shows it all the same',
    edits: [edit('src/http/bytes.ts', "      'content-security-policy': \"sandbox; default-src 'none'\",\n", '')],
  },
  {
    attack: '`<script>` and header lines in output',
    wall: 'browsers may guess what it is',
    edits: [edit('src/http/protect.ts', "  'x-content-type-options': 'nosniff',\n", '')],
  },
  {
    attack: 'Terminal escapes in output',
    wall: 'control characters pass',
    edits: [
      edit(
        'src/cli/print.ts',
        "text.replace(/\\r\\n/g, '\\n').replace(HOSTILE, visible)",
        "text.replace(/\\r\\n/g, '\\n')",
      ),
    ],
  },
];

const OTHER_HOSTS = {
  file: 'test/security/egress.test.ts',
  name: 'reaches no other: by no name, address, spelling, tunnel, front or protocol',
};

const egress: readonly Removal[] = [
  {
    attack: 'a host that is not in its `network.allow`',
    wall: 'the list is not asked',
    test: OTHER_HOSTS,
    edits: [edit(`${EGRESS}/admission.ts`, "if (judgement !== 'allowed') return", "if (judgement === 'port') return")],
  },
  {
    attack: 'an internal service behind an allowed name',
    wall: 'private addresses pass',
    test: OTHER_HOSTS,
    edits: [
      edit(
        `${EGRESS}/admission.ts`,
        "if (kinds.includes('private') && !lifted) return refused(REFUSED.private(target));\n",
        '',
      ),
    ],
  },
  {
    attack: 'a metadata server, neighbours on the wire',
    wall: 'link-local addresses pass',
    test: OTHER_HOSTS,
    edits: [
      edit(`${EGRESS}/admission.ts`, "if (kinds.includes('never')) return refused(REFUSED.never(target));\n", ''),
    ],
  },
  {
    attack: 'another host behind an allowed one',
    wall: 'the server name is not compared',
    test: OTHER_HOSTS,
    edits: [edit(`${EGRESS}/tunnel.ts`, 'return REFUSED.fronted(target);', 'return null;')],
  },
  {
    attack: 'words carried out by name lookups',
    wall: 'a name is looked up before the list is asked',
    test: {
      file: 'test/contracts/egress/tunnel.test.ts',
      name: 'refuses hosts and ports that are not in the list, without looking them up',
    },
    edits: [
      edit(
        `${EGRESS}/admission.ts`,
        'const judgement = judge(allow, target);',
        'const judgement = judge(allow, target);\n  void resolved(parts, target.host);',
      ),
    ],
  },
  {
    attack: 'another run, by way of the installed packages',
    wall: 'they are mounted for writing',
    test: { file: 'test/contracts/executor/prepare/packages.test.ts', name: 'can be written by nobody afterwards' },
    edits: [
      edit(
        'src/executors/local/prepare/npm.ts',
        "kind: 'read-only', from: entry, to: NODE_DIR",
        "kind: 'writable', from: entry, to: NODE_DIR",
      ),
    ],
  },
  {
    attack: 'the credentials of a registry or of git',
    wall: 'the step that runs code has them, too',
    test: {
      file: 'test/contracts/executor/prepare/package-faults.test.ts',
      name: 'runs the code of a package without network, credentials, cache or files of the host',
    },
    edits: [
      edit(
        'src/executors/local/prepare/npm.ts',
        "command: npmRun('rebuild', '--foreground-scripts'),\n        env: {},",
        "command: npmRun('rebuild', '--foreground-scripts'),\n        env: { TOKEN: npmToken ?? '' },",
      ),
    ],
  },
];

export const BOUND_REMOVALS: readonly Removal[] = [...limits, ...collected, ...egress];
