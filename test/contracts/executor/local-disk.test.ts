/** What a job may keep on disk, without any help of a server. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDomainError } from '../../../src/core/errors.ts';
import { endedWell, run, shell } from './jobs.ts';
import { localOn, type OpenLocal, openLocal } from './open-local.ts';

const isRoot = process.getuid?.() === 0;
const FULL = { ...endedWell, code: null, signal: 'SIGKILL', limitsHit: ['disk'] };
const LIMITS = { diskMb: 32, timeoutSeconds: 60, maxOutputBytes: 1_048_576 };

describe('the disk of a local place', () => {
  let local: OpenLocal;
  beforeAll(async () => {
    local = await openLocal();
  });
  afterAll(() => local.close());

  it.concurrent.each([
    ['many files in the workspace', 'for i in 1 2 3 4 5 6 7 8; do head -c 5M /dev/zero > "w$i"; done'],
    ['its home', 'for i in 1 2; do head -c 20M /dev/zero > "$HOME/h$i"; done'],
    ['files without a name', 'exec 3> a 4> b; rm a b; head -c 20M /dev/zero >&3; head -c 20M /dev/zero >&4'],
    ['very many empty files', 'mkdir d; cd d; seq 9000 | xargs touch'],
    ['room that nothing was written to', 'fallocate -l 20M a; fallocate -l 20M b'],
  ])('ends a job that takes more than it may with %s', async (_, script) => {
    const { exit } = await run(local.executor, shell(`${script}; sleep 50`, { limits: LIMITS }));
    expect(exit).toEqual(FULL);
  });

  it('stops a single file at the quota, whatever the program does then', async () => {
    const script = 'head -c 1G /dev/zero > big 2>/dev/null; stat -c %s big; sleep 50';
    const { exit, stdout } = await run(local.executor, shell(script, { limits: LIMITS }));
    expect(exit).toEqual(FULL);
    expect(Number(stdout)).toBe(33 * 1_048_576);
  });

  it('leaves a job alone that stays below, and counts links and holes as what they are', async () => {
    const script = `head -c 10M /dev/zero > a; for i in 1 2 3 4 5 6; do ln a "l$i"; done; truncate -s 1G hole 2>/dev/null
      truncate -s 30M hole; perl -e 'syscall(${process.arch === 'arm64' ? 279 : 319}, "m", 0)'; sleep 3; echo end`;
    const { exit, stdout } = await run(local.executor, shell(script, { limits: LIMITS }));
    expect([exit, stdout]).toEqual([endedWell, 'end\n']);
  });

  it('is not begun on when it is almost full', async () => {
    const refused = local.with({ reserveBytes: Number.MAX_SAFE_INTEGER }).start(shell('true'));
    await expect(refused).rejects.toSatisfy((error) => isDomainError(error, 'place_unavailable'));
    await expect(refused).rejects.toThrow('almost full');
  });

  it.runIf(isRoot)(
    'keeps a reserve: who holds much is ended, who holds little goes on, half of it ends all',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'slipway-small-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'none', dir]);
      try {
        const executor = localOn(dir, { reserveBytes: 200 * 1_048_576 });
        const little = await executor.start(shell('sleep 4; head -c 5M /dev/zero > a; echo lived; sleep 50'));
        const { exit } = await run(executor, shell('head -c 230M /dev/zero > a; sleep 50'));
        expect(exit).toEqual(FULL);
        let said = '';
        for await (const { bytes } of little.output({ stdout: 0, stderr: 0 })) {
          said += Buffer.from(bytes).toString();
          if (said.includes('lived')) break;
        }
        expect(said).toBe('lived\n');
        execFileSync('sh', ['-c', `head -c 310M /dev/zero > ${dir}/of-the-server`]);
        expect(await little.exit).toEqual(FULL);
        await little.release();
      } finally {
        execFileSync('umount', ['-l', dir]);
        rmSync(dir, { recursive: true });
      }
    },
  );
});
