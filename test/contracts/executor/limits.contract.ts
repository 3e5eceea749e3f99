import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deviations } from './deviations.ts';
import { type OpenExecutor, printed, run, shell } from './jobs.ts';

/** Limits that the place enforces by itself, and names. */
export const describeLimits = (open: () => Promise<OpenExecutor>, deviations: Deviations): void => {
  describe('limits', () => {
    let opened: OpenExecutor;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it('ends who takes more memory than it may, and names it', async () => {
      // The shell itself holds the text, so that it is memory and no file.
      const script = 'x=0123456789abcdef; while :; do x=$x$x; done';
      const { exit } = await run(opened.executor, shell(script, { limits: { memoryMb: 64 } }));
      expect(exit.limitsHit).toEqual(['memory']);
      expect(exit.signal).toBe('SIGKILL');
      expect(exit.endedBy).toBeNull();
    });

    if (deviations.temporaryOnDisk === undefined) {
      it('counts files in TMPDIR as memory, or leaves no room for them', async () => {
        const script = 'head -c 200000000 /dev/zero > "$TMPDIR/big"; wc -c < "$TMPDIR/big"';
        const { stdout } = await run(opened.executor, shell(script, { limits: { memoryMb: 64 } }));
        expect(Number(stdout || '0')).toBeLessThan(70_000_000);
      });
    }

    if (deviations.countsProcesses === undefined) {
      it('refuses more processes than there may be, and names it', async () => {
        const script = 'i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i+1)); done; ls /proc | grep -c "^[0-9]"';
        const execution = await opened.executor.start(shell(script, { limits: { maxProcesses: 16 } }));
        const { stdout } = await printed(execution);
        const exit = await execution.exit;
        expect(exit.limitsHit).toEqual(['processes']);
        expect(Number(stdout.toString() || '0')).toBeLessThan(22);
        await execution.release();
      });
    }

    if (deviations.countsProcesses !== undefined) {
      it('ends who has more processes than there may be, and names it', async () => {
        const script = 'i=0; while [ $i -lt 60 ]; do sleep 60 & i=$((i+1)); done; wait';
        const { exit } = await run(opened.executor, shell(script, { limits: { maxProcesses: 16 } }));
        expect([exit.limitsHit, exit.signal]).toEqual([['processes'], 'SIGKILL']);
      });
    }

    if (deviations.wholeMachine === undefined) {
      it('gives no more CPU time than it may have', async () => {
        // User and system time of the shell and of its children, in clock ticks.
        const used = `read -r line < /proc/self/stat; set -- \${line##*) }; echo $((\${12} + \${13} + \${14} + \${15}))`;
        const script = `end=$(($(date +%s%N) + 1500000000)); while [ $(date +%s%N) -lt $end ]; do :; done; ${used}`;
        const { stdout } = await run(opened.executor, shell(script, { limits: { cpus: 0.2 } }));
        // 1.5 s at a fifth of a CPU are 30 ticks; unlimited, they would be about 150.
        expect(Number(stdout)).toBeLessThan(75);
      });
    }

    it('says when more was printed than it may', async () => {
      const script = 'head -c 5000 /dev/zero';
      const { exit, stdout } = await run(opened.executor, shell(script, { limits: { maxOutputBytes: 4_096 } }));
      expect(exit.limitsHit).toEqual(['output']);
      expect(stdout.length).toBe(5_000);
    });

    it('names no limit when none was hit', async () => {
      const { exit } = await run(opened.executor, shell('head -c 5000 /dev/zero'));
      expect(exit.limitsHit).toEqual([]);
    });
  });
};
