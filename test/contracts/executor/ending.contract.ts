import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endedWell, type OpenExecutor, printed, saidBy, shell } from './jobs.ts';

/** The end by force. */
export const describeEnding = (open: () => Promise<OpenExecutor>): void => {
  describe('kill', () => {
    let opened: OpenExecutor;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it('ends a program, says by which signal, and why', async () => {
      const execution = await opened.executor.start(shell('echo up; exec sleep 600'));
      await saidBy(execution, 'up');
      await execution.kill('cancelled');
      expect(await execution.exit).toEqual({ ...endedWell, code: null, signal: 'SIGTERM', endedBy: 'cancelled' });
      await execution.release();
    });

    it('lets a program end in its own way first', async () => {
      const script = 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.05; done';
      const execution = await opened.executor.start(shell(script));
      await saidBy(execution, 'up');
      await execution.kill('idle');
      expect(await execution.exit).toEqual({ ...endedWell, code: 5, endedBy: 'idle' });
      expect((await printed(execution)).stdout.toString()).toBe('up\nbye\n');
      await execution.release();
    });

    it('forces one that ignores it, with its whole tree', async () => {
      const script = `trap "" TERM
        (setsid sh -c 'trap "" TERM; sleep 600; sleep 600' &)
        sh -c 'trap "" TERM; while :; do sleep 600; done' &
        (sh -c 'sleep 600 & sleep 600' &) &
        nohup sleep 600 > /dev/null 2>&1 &
        echo up; while :; do sleep 600; done`;
      const execution = await opened.executor.start(shell(script));
      await saidBy(execution, 'up');
      const began = performance.now();
      await execution.kill('deadline');
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(await execution.exit).toEqual({ ...endedWell, code: null, signal: 'SIGKILL', endedBy: 'deadline' });
      await execution.release();
    });

    it('keeps the first reason, whoever gives another one', async () => {
      const execution = await opened.executor.start(shell('trap "" TERM; echo up; while :; do sleep 1; done'));
      await saidBy(execution, 'up');
      const other = await (await opened.another()).attach(execution.ref);
      const first = execution.kill('budget_reached');
      await Promise.all([first, execution.kill('cancelled'), other?.kill('idle')]);
      expect((await execution.exit).endedBy).toBe('budget_reached');
      expect(await other?.exit).toEqual(await execution.exit);
      await execution.release();
    });

    it('can be asked of another process than the one that started it', async () => {
      const execution = await opened.executor.start(shell('echo up; sleep 600'));
      await saidBy(execution, 'up');
      const other = await (await opened.another()).attach(execution.ref);
      await other?.kill('cancelled');
      expect((await execution.exit).endedBy).toBe('cancelled');
      await execution.release();
    });

    it('changes nothing after the end', async () => {
      const execution = await opened.executor.start(shell('exit 4'));
      await execution.exit;
      await execution.kill('cancelled');
      const other = await (await opened.another()).attach(execution.ref);
      await other?.kill('idle');
      expect(await other?.exit).toEqual({ ...endedWell, code: 4 });
      await execution.release();
      await execution.kill('idle');
    });

    it('ends what a program leaves running behind it', async () => {
      const execution = await opened.executor.start(shell('(setsid sleep 600 &); sleep 600 & echo up'));
      const { stdout } = await printed(execution);
      expect(stdout.toString()).toBe('up\n');
      expect(await execution.exit).toEqual(endedWell);
      await execution.release();
    });
  });
};
