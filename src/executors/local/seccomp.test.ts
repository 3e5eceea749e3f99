/** The filter's answers, by running it as the kernel would. */
import { describe, expect, it } from 'vitest';
import { compileFilter, type FilterOptions, filteredArch } from './seccomp.ts';
import { ABSENT, AUDIT_ARCH, EXAMINED, type FilteredArch, FORBIDDEN } from './syscalls.ts';

const answerOf = (value: number): string => {
  if (value === 0x7fff0000) return 'allow';
  if (value === 0x80000000) return 'kill';
  return `errno ${value & 0xffff}`;
};

/** Interprets the few instructions that the filter is made of; anything else is an error. */
const decide = (options: FilterOptions, call: number, args: readonly bigint[] = [], arch?: number): string => {
  const program = new DataView(compileFilter(options).buffer);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, arch ?? AUDIT_ARCH[options.arch], true);
  for (const [index, value] of args.entries()) data.setBigUint64(16 + 8 * index, BigInt.asUintN(64, value), true);
  let word = 0;
  for (let at = 0; at < program.byteLength; at += 8) {
    const value = program.getUint32(at + 4, true);
    const jump = (met: boolean) => 8 * program.getUint8(at + (met ? 2 : 3));
    switch (program.getUint16(at, true)) {
      case 0x20:
        word = data.getUint32(value, true);
        break;
      case 0x15:
        at += jump(word === value);
        break;
      case 0x35:
        at += jump(word >= value);
        break;
      case 0x45:
        at += jump((word & value) !== 0);
        break;
      case 0x06:
        return answerOf(value);
      default:
        throw new Error(`Instruction ${at / 8} is not one of ours.`);
    }
  }
  throw new Error('The filter ended without an answer.');
};

describe.each<FilteredArch>(['x64', 'arm64'])('the filter of system calls on %s', (arch) => {
  const own: FilterOptions = { arch, entersNamespace: false };
  const pick = arch === 'x64' ? 0 : 1;
  const of = (name: keyof typeof EXAMINED): number => EXAMINED[name][pick];

  it('lets ordinary calls through', () => {
    // read, write, execve, futex, wait4, kill, prctl: of each architecture.
    const ordinary = arch === 'x64' ? [0, 1, 59, 202, 61, 62, 157] : [63, 64, 221, 98, 260, 129, 167];
    for (const call of ordinary) expect(decide(own, call)).toBe('allow');
    expect(decide(own, of('clone'), [0x3d0f00n])).toBe('allow');
    expect(decide(own, of('unshare'), [0x400n])).toBe('allow');
  });

  it('refuses every call of the lists', () => {
    for (const numbers of Object.values(FORBIDDEN)) {
      if (numbers[pick] !== null) expect(decide(own, numbers[pick])).toBe('errno 1');
    }
    for (const numbers of Object.values(ABSENT)) expect(decide(own, numbers[pick] ?? -1)).toBe('errno 38');
  });

  it('ends who speaks another architecture, and knows no second table', () => {
    for (const other of [0x40000003, 0x40000028, AUDIT_ARCH[arch === 'x64' ? 'arm64' : 'x64']]) {
      expect(decide(own, 0, [], other)).toBe('kill');
    }
    if (arch === 'x64')
      for (const call of [0x40000000, 0x40000209, 0xffffffff]) expect(decide(own, call)).toBe('errno 38');
  });

  it('refuses each kind of namespace', () => {
    const kinds = [0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, 0x10000000n, 0x20000000n, 0x40000000n];
    for (const kind of kinds) {
      expect(decide(own, of('clone'), [kind | 17n])).toBe('errno 1');
      expect(decide(own, of('unshare'), [kind])).toBe('errno 1');
      expect(decide(own, of('setns'), [3n, kind])).toBe('errno 1');
    }
    expect(decide(own, of('unshare'), [0x80n])).toBe('errno 1');
    expect(decide(own, of('setns'), [3n, 0n])).toBe('errno 1');
    const entering = { ...own, entersNamespace: true };
    expect(decide(entering, of('setns'), [3n, 0x10000000n])).toBe('allow');
    for (const kind of [0n, 0x20000n, 0x10020000n]) expect(decide(entering, of('setns'), [3n, kind])).toBe('errno 1');
    expect(decide(entering, of('unshare'), [0x10000000n])).toBe('errno 1');
  });

  it('knows local and internet sockets, and of netlink the addresses only', () => {
    for (const family of [1n, 2n, 10n]) expect(decide(own, of('socket'), [family, 1n, 0n])).toBe('allow');
    expect(decide(own, of('socket'), [16n, 3n, 0n])).toBe('allow');
    // Upper halves are not looked at by the kernel either.
    expect(decide(own, of('socket'), [0x100000001n, 1n, 0n])).toBe('allow');
    for (const protocol of [2n, 6n, 12n, 15n]) expect(decide(own, of('socket'), [16n, 3n, protocol])).toBe('errno 97');
    for (const family of [0n, 4n, 17n, 29n, 31n, 38n, 40n, 44n]) {
      expect(decide(own, of('socket'), [family, 1n, 0n])).toBe('errno 97');
    }
  });

  it('refuses typing into a terminal, also with an upper half that the kernel does not see', () => {
    for (const request of [0x5412n, 0x541cn, 0x1_0000_5412n]) {
      expect(decide(own, of('ioctl'), [0n, request])).toBe('errno 1');
    }
    for (const request of [0x5401n, 0x5413n]) expect(decide(own, of('ioctl'), [0n, request])).toBe('allow');
  });

  it('lets nobody change how programs are laid out in memory', () => {
    for (const kind of [0n, 0xffffffffn]) expect(decide(own, of('personality'), [kind])).toBe('allow');
    for (const kind of [0x40000n, 0x400000n, 8n]) expect(decide(own, of('personality'), [kind])).toBe('errno 1');
  });
});

describe('architectures', () => {
  it('are two; others have no filter', () => {
    expect(['x64', 'arm64', 'riscv64', 'ia32'].map(filteredArch)).toEqual(['x64', 'arm64', null, null]);
  });
});
