import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, endedWell, fileIn, filesBy, type OpenExecutor, printed, run, saidBy, shell } from './jobs.ts';

/** One execution, however often it is asked for and whoever looks at it. */
export const describeLife = (open: () => Promise<OpenExecutor>): void => {
  describe('the life of a place', () => {
    let opened: OpenExecutor;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it('executes once when it is started twice, one after the other', async () => {
      const job = shell('echo once; echo x >> count; read line', { files: [fileIn('count', '')] });
      const first = await opened.executor.start(job);
      const second = await opened.executor.start(job);
      const third = await (await opened.another()).start(job);
      expect(new Set([first.ref, second.ref, third.ref]).size).toBe(1);
      await first.exit;
      const again = await opened.executor.start(job);
      expect((await printed(again)).stdout.toString()).toBe('once\n');
      const count = (await filesBy(again)).get('workspace:count');
      expect(count && (await bytesOf(count.content())).toString()).toBe('x\n');
      await first.release();
    });

    it('executes once when it is started many times at once', async () => {
      const other = await opened.another();
      const job = shell('echo $$ once; cat count; echo x >> count', { files: [fileIn('count', 'in\n')] });
      const starts = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? opened.executor : other).start(job));
      const executions = await Promise.all(starts);
      expect(new Set(executions.map(({ ref }) => ref)).size).toBe(1);
      for (const execution of executions) {
        expect((await printed(execution)).stdout.toString()).toMatch(/^\d+ once\nin\n$/);
        expect(await execution.exit).toEqual(endedWell);
      }
      await executions[0]?.release();
    });

    it('takes each attempt for an execution of its own', async () => {
      const job = shell('echo "$1"', { args: ['one'] });
      const first = await opened.executor.start(job);
      const second = await opened.executor.start({ ...job, attempt: 2, args: [...job.args.slice(0, 3), 'two'] });
      expect(second.ref).not.toBe(first.ref);
      expect((await printed(first)).stdout.toString()).toBe('one\n');
      expect((await printed(second)).stdout.toString()).toBe('two\n');
      await first.release();
      expect(await opened.executor.attach(second.ref)).not.toBeNull();
      await second.release();
    });

    it('refuses an attempt that comes after a later one, and starts nothing of it', async () => {
      const job = shell('echo up; sleep 600', { files: [fileIn('count', '')] });
      const later = await opened.executor.start({ ...job, attempt: 2 });
      await expect((await opened.another()).start(job)).rejects.toMatchObject({ code: 'conflict' });
      expect(await opened.executor.attach(later.ref.replace(/2$/, '1'))).toBeNull();
      await later.release();
    });

    it('is found by another process, with all that it printed and its end', async () => {
      const { ref } = await opened.executor.start(shell('echo before; sleep 0.2; echo after >&2; exit 3'));
      const found = await (await opened.another()).attach(ref);
      expect(found?.ref).toBe(ref);
      if (found === null) return;
      const { stdout, stderr } = await printed(found);
      expect([stdout.toString(), stderr.toString()]).toEqual(['before\n', 'after\n']);
      expect(await found.exit).toEqual({ ...endedWell, code: 3 });
      const later = await (await opened.another()).attach(ref);
      expect(await later?.exit).toEqual({ ...endedWell, code: 3 });
      await found.release();
    });

    it('keeps two jobs apart', async () => {
      const secret = await opened.executor.start(
        shell('echo mine > "$HOME/secret"; echo mine > secret; echo ready; sleep 60'),
      );
      await saidBy(secret, 'ready');
      const script =
        'ls -A /workspace "$HOME" /tmp; ls /proc | grep -c "^[0-9]"; grep -ls mine /proc/[0-9]*/root/home/agent/secret';
      const { stdout } = await run(opened.executor, shell(script));
      expect(stdout).not.toContain('secret');
      // Itself, what it just called, and at most the first process of the place.
      expect(Number(/^\d+$/m.exec(stdout)?.[0])).toBeLessThanOrEqual(5);
      await secret.release();
    });

    it('is gone after its release, which may be repeated', async () => {
      const job = shell('mkdir -p a/b; echo x > a/b/c; chmod 000 a/b/c a/b; chmod 500 a');
      const execution = await opened.executor.start(job);
      await execution.exit;
      await execution.release();
      await execution.release();
      expect(await opened.executor.attach(execution.ref)).toBeNull();
      expect(await (await opened.another()).attach(execution.ref)).toBeNull();
    });

    it('is released also while it is alive, and nothing of it stays alive', async () => {
      const execution = await opened.executor.start(shell('echo up; sleep 600'));
      await saidBy(execution, 'up');
      await execution.release();
      expect(await opened.executor.attach(execution.ref)).toBeNull();
    });

    it.each(['', 'x', '../..', '/etc/passwd', `${'0'.repeat(8)}-0000-7000-8000-000000000000/1`, 'a/b/c'])(
      'knows no place %j',
      async (ref) => {
        expect(await opened.executor.attach(ref)).toBeNull();
      },
    );

    it('sweeps the places of runs that are over, and touches no other', async () => {
      const [over, live] = [shell('echo over'), shell('echo live; sleep 600')];
      const first = await opened.executor.start(over);
      const second = await opened.executor.start(live);
      await first.exit;
      const asked: string[] = [];
      const released = await (await opened.another()).sweep(async (runId) => {
        asked.push(runId);
        return runId === over.runId;
      });
      expect(released).toBe(1);
      expect(asked).toEqual(expect.arrayContaining([over.runId, live.runId]));
      expect(await opened.executor.attach(first.ref)).toBeNull();
      expect(await opened.executor.attach(second.ref)).not.toBeNull();
      await second.release();
      expect(await opened.executor.sweep(async () => true)).toBe(0);
    });
  });
};
