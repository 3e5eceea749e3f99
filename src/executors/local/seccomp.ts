/**
 * The filter of system calls that every process in a place is under: a classic BPF program, as bubblewrap takes it by
 * `--seccomp`. Pure. Forms and constants: Linux `include/uapi/linux/{filter,seccomp,bpf_common}.h`.
 *
 * It names what is refused and lets the rest through: agents run whatever they like, and a list of what all programs
 * need would break some of them with every release of a C library. What is refused needs privileges that no job has, or
 * would give it power over its own walls.
 */
import { ABSENT, AUDIT_ARCH, type CallNumbers, EXAMINED, type FilteredArch, FORBIDDEN } from './syscalls.ts';

const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;
const INSTRUCTION_BYTES = 8;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const refuseWith = (errno: number): number => 0x00050000 | errno;

/** Offsets in `struct seccomp_data`; of an argument its lower half, on a little-endian machine. */
const NUMBER = 0;
const ARCH = 4;
const argument = (index: number): number => 16 + 8 * index;

/** Where calls of the x32 ABI begin, which has numbers of its own for everything. */
const X32_CALLS = 0x40000000;

const CLONE_NEWUSER = 0x10000000;
/** NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const CLONE_NAMESPACES = 0x7e020000;
/** In `clone` this bit is a part of the signal. */
const CLONE_NEWTIME = 0x80;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
/** Addresses of interfaces: `os.networkInterfaces`, `getaddrinfo`. */
const NETLINK_ROUTE = 0;

/** Push characters into a terminal's input, as its user would have typed them. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

/** Asks for the personality without changing it. */
const PERSONALITY_QUERY = 0xffffffff;

interface Instruction {
  readonly code: number;
  readonly met: number;
  readonly unmet: number;
  readonly value: number;
}

const load = (offset: number): Instruction => ({ code: LOAD_WORD, met: 0, unmet: 0, value: offset });
const give = (value: number): Instruction => ({ code: RETURN, met: 0, unmet: 0, value });
/** Goes on with the next instruction, or leaves out `unmet` of them. */
const when = (code: number, value: number, unmet: number): Instruction => ({ code, met: 0, unmet, value });

/** `answer` when the loaded word meets the condition; the next check otherwise. */
const answerWhen = (code: number, value: number, answer: number): readonly Instruction[] => [
  when(code, value, 1),
  give(answer),
];

const allowWhenEqual = (values: readonly number[]): readonly Instruction[] =>
  values.flatMap((value) => answerWhen(JUMP_EQUAL, value, ALLOW));

const socketRule: readonly Instruction[] = [
  load(argument(0)),
  ...allowWhenEqual([AF_UNIX, AF_INET, AF_INET6]),
  when(JUMP_EQUAL, AF_NETLINK, 3),
  load(argument(2)),
  ...allowWhenEqual([NETLINK_ROUTE]),
  give(refuseWith(EAFNOSUPPORT)),
];

export interface FilterOptions {
  readonly arch: FilteredArch;
  /**
   * A tool enters a user namespace under this filter, before the program. It needs a privilege over that namespace, which
   * no job ever has, and the namespace it is in cannot be entered again: what is left open leads nowhere.
   */
  readonly entersNamespace: boolean;
}

const rulesOf = (options: FilterOptions): readonly (readonly [CallNumbers, readonly Instruction[]])[] => [
  [EXAMINED.clone, [load(argument(0)), ...answerWhen(JUMP_ANY_BIT, CLONE_NAMESPACES, refuseWith(EPERM)), give(ALLOW)]],
  [
    EXAMINED.unshare,
    [load(argument(0)), ...answerWhen(JUMP_ANY_BIT, CLONE_NAMESPACES | CLONE_NEWTIME, refuseWith(EPERM)), give(ALLOW)],
  ],
  [
    EXAMINED.setns,
    options.entersNamespace
      ? [load(argument(1)), ...allowWhenEqual([CLONE_NEWUSER]), give(refuseWith(EPERM))]
      : [give(refuseWith(EPERM))],
  ],
  [EXAMINED.socket, socketRule],
  [
    EXAMINED.ioctl,
    [
      load(argument(1)),
      ...answerWhen(JUMP_EQUAL, TIOCSTI, refuseWith(EPERM)),
      ...answerWhen(JUMP_EQUAL, TIOCLINUX, refuseWith(EPERM)),
      give(ALLOW),
    ],
  ],
  [EXAMINED.personality, [load(argument(0)), ...allowWhenEqual([0, PERSONALITY_QUERY]), give(refuseWith(EPERM))]],
];

const refusals = (calls: Readonly<Record<string, CallNumbers>>, pick: 0 | 1, errno: number): readonly Instruction[] =>
  Object.values(calls).flatMap((numbers) => {
    const number = numbers[pick];
    return number === null ? [] : answerWhen(JUMP_EQUAL, number, refuseWith(errno));
  });

const instructionsOf = (options: FilterOptions): readonly Instruction[] => {
  const pick = options.arch === 'x64' ? 0 : 1;
  const examined = rulesOf(options).flatMap(([numbers, rule]) => {
    const number = numbers[pick];
    return number === null ? [] : [when(JUMP_EQUAL, number, rule.length), ...rule];
  });
  return [
    load(ARCH),
    // 32-bit programs have a table of their own, in which every number means something else.
    { code: JUMP_EQUAL, met: 1, unmet: 0, value: AUDIT_ARCH[options.arch] },
    give(KILL_PROCESS),
    load(NUMBER),
    ...(options.arch === 'x64' ? answerWhen(JUMP_AT_LEAST, X32_CALLS, refuseWith(ENOSYS)) : []),
    ...refusals(FORBIDDEN, pick, EPERM),
    ...refusals(ABSENT, pick, ENOSYS),
    ...examined,
    give(ALLOW),
  ];
};

/** The architecture's name for `compileFilter`; null where there is no filter. */
export const filteredArch = (arch: string): FilteredArch | null => (arch === 'x64' || arch === 'arm64' ? arch : null);

/** The filter as `struct sock_filter[]`: 8 bytes an instruction (code u16, jt u8, jf u8, k u32), little-endian. */
export const compileFilter = (options: FilterOptions): Uint8Array => {
  const instructions = instructionsOf(options);
  const bytes = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, met, unmet, value }] of instructions.entries()) {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, met);
    view.setUint8(at + 3, unmet);
    // `|` makes signed numbers; the kernel's are not.
    view.setUint32(at + 4, value >>> 0, true);
  }
  return bytes;
};
