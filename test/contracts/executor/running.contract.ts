import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDomainError } from '../../../src/core/errors.ts';
import { PLACE } from '../../../src/ports/executor.ts';
import type { Deviations } from './deviations.ts';
import { endedWell, fileIn, type OpenExecutor, printed, run, shell } from './jobs.ts';

/** What goes in, and what comes out of the streams. */
export const describeRunning = (open: () => Promise<OpenExecutor>, deviations: Deviations): void => {
  const numRuns = deviations.examples ?? 25;
  describe('what goes in and what is printed', () => {
    let opened: OpenExecutor;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it('hands standard input over byte for byte', async () => {
      const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (stdin) => {
          const execution = await opened.executor.start(shell('cat', { stdin }));
          expect((await printed(execution)).stdout.equals(stdin)).toBe(true);
          expect(await execution.exit).toEqual(endedWell);
          await execution.release();
        }),
        { numRuns, examples: [[allBytes], [new Uint8Array()], [Buffer.from('no line break\r\n\0\n$HOME `x`')]] },
      );
    });

    it('hands 3 MiB of standard input over', async () => {
      const stdin = Buffer.alloc(3 * 1_048_576, 'slipway\n');
      const { stdout } = await run(opened.executor, shell('wc -c; ', { stdin }));
      expect(stdout.trim()).toBe(String(stdin.length));
    });

    it('hands arguments over character for character', async () => {
      const text = fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('', '--', '-c', '--bind', '$HOME', '`id`', '"', "'", '\\', '\n', '\r\n', '*', '~', ' ', '한글'),
      );
      const arg = fc.array(text, { maxLength: 4 }).map((parts) => parts.join('').replaceAll('\0', ''));
      await fc.assert(
        fc.asyncProperty(fc.array(arg, { maxLength: 6 }), async (args) => {
          const { stdout } = await run(opened.executor, shell(`for arg; do printf '%s\\0' "$arg"; done`, { args }));
          expect(stdout).toBe(args.map((one) => `${Buffer.from(one).toString()}\0`).join(''));
        }),
        { numRuns, examples: [[['--', '--setenv', 'A', 'b']], [['$(touch /workspace/x)', 'a\nb', "it's"]]] },
      );
    });

    it('refuses a NUL byte in an argument, since none can be handed over', async () => {
      const refused = opened.executor.start(shell('true', { args: ['a\0b'] }));
      await expect(refused).rejects.toSatisfy((error) => isDomainError(error, 'place_failed'));
    });

    it('gives the program its environment, the place’s own variables, and nothing else', async () => {
      const env = { TOKEN: 'a b"c\'d$e`f\n=g', EMPTY: '', UMLAUT: 'ü', HOME: '/ignored', PATH: '/ignored' };
      const { stdout } = await run(opened.executor, shell('env -0', { env }));
      const lines = stdout.split('\0').filter(Boolean);
      const seen = new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
      expect(seen.get('TOKEN')).toBe(env.TOKEN);
      expect(seen.get('EMPTY')).toBe('');
      expect(seen.get('UMLAUT')).toBe('ü');
      expect(seen.get('HOME')).toBe(PLACE.home);
      const own = ['HOME', 'PATH', 'TMPDIR', 'LANG', 'USER'];
      // The shell that we ask sets these by itself.
      const ofShell = ['PWD', 'OLDPWD', 'SHLVL', '_'];
      const others = [...seen.keys()].filter((name) => !ofShell.includes(name) && !own.includes(name)).toSorted();
      expect(others).toEqual(['EMPTY', 'TOKEN', 'UMLAUT']);
      for (const name of own) expect(seen.has(name)).toBe(true);
    });

    it('starts in the workspace as the unprivileged agent, and can write there, at home and in TMPDIR', async () => {
      const script = 'pwd; id -u; touch here "$HOME/there" "$TMPDIR/and-there" && echo written';
      const { stdout } = await run(opened.executor, shell(script));
      expect(stdout).toBe(`${PLACE.workspace}\n1000\nwritten\n`);
    });

    it('lays the files out before the program starts', async () => {
      const binary = Uint8Array.from({ length: 256 }, (_, index) => index);
      const files = [
        fileIn('a.txt', 'one'),
        fileIn('deep/er/b c.bin', binary),
        fileIn('.config/x', 'two', 'home'),
        fileIn('empty', ''),
        fileIn("-rf 'x' \n $y", 'three'),
      ];
      const script = `cat a.txt "$HOME/.config/x" "./-rf 'x' \n \\$y" empty; cat 'deep/er/b c.bin' >&2; echo more >> a.txt`;
      const execution = await opened.executor.start(shell(script, { files }));
      const { stdout, stderr } = await printed(execution);
      expect(stdout.toString()).toBe('onetwothree');
      expect(stderr.equals(binary)).toBe(true);
      expect(await execution.exit).toEqual(endedWell);
      await execution.release();
    });

    it.each(['../out', '/etc/x', 'a//b', 'a/../../b', '', '.', 'a\0b'])('refuses the path %j', async (path) => {
      const refused = opened.executor.start(shell('true', { files: [fileIn(path, 'x')] }));
      await expect(refused).rejects.toSatisfy((error) => isDomainError(error, 'place_failed'));
    });

    it.each([0, 1, 7, 100, 126, 127, 200, 255])('tells exit status %i', async (code) => {
      expect((await run(opened.executor, shell(`exit ${code}`))).exit).toEqual({ ...endedWell, code });
    });

    it.each(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGSEGV'])('tells %s', async (signal) => {
      const { exit } = await run(opened.executor, shell(`kill -${signal.slice(3)} $$`));
      expect(exit).toEqual({ ...endedWell, code: null, signal });
    });

    it('tells a missing program by the shell’s status', async () => {
      const { exit } = await run(opened.executor, { ...shell(''), program: '/nowhere/at/all' });
      expect(exit.code).toBe(127);
    });

    it('refuses a program name that it does not have', async () => {
      const refused = opened.executor.start({ ...shell(''), program: 'no-such-program' });
      await expect(refused).rejects.toSatisfy((error) => isDomainError(error, 'place_failed'));
    });

    it('keeps standard output and error apart, each in order', async () => {
      const script = 'i=0; while [ $i -lt 500 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done';
      const { stdout, stderr } = await run(opened.executor, shell(script));
      const lines = (letter: string) => Array.from({ length: 500 }, (_, index) => `${letter}${index}\n`).join('');
      expect(stdout).toBe(lines('o'));
      expect(stderr).toBe(lines('e'));
    });

    it('gives 20 MB of output whole, in small chunks', async () => {
      const execution = await opened.executor.start(shell('yes 0123456789abcde | head -c 20000000'));
      let size = 0;
      for await (const { bytes } of execution.output({ stdout: 0, stderr: 0 })) {
        expect(bytes.length).toBeLessThanOrEqual(65_536);
        size += bytes.length;
      }
      expect(size).toBe(20_000_000);
      await execution.release();
    });

    it('goes on from any offset', async () => {
      const execution = await opened.executor.start(shell('printf 0123456789; printf abcdefghij >&2'));
      await execution.exit;
      await fc.assert(
        fc.asyncProperty(fc.nat(10), fc.nat(10), async (stdout, stderr) => {
          const rest = await printed(execution, { stdout, stderr });
          expect(rest.stdout.toString()).toBe('0123456789'.slice(stdout));
          expect(rest.stderr.toString()).toBe('abcdefghij'.slice(stderr));
          expect(rest.end).toEqual({ stdout: 10, stderr: 10 });
        }),
        { numRuns: 40 },
      );
      await execution.release();
    });

    it('delivers what is printed while the program goes on', async () => {
      const execution = await opened.executor.start(
        shell('echo first; read x; echo "got $x"; sleep 60', { stdin: Buffer.from('it\n') }),
      );
      const chunks = execution.output({ stdout: 0, stderr: 0 })[Symbol.asyncIterator]();
      let text = '';
      while (!text.includes('got it')) text += Buffer.from((await chunks.next()).value?.bytes ?? []).toString();
      // Abandoned while it waits for more: neither the open call nor the return may hang.
      const pending = chunks.next();
      await chunks.return?.();
      expect((await pending).done).toBe(true);
      await execution.release();
    });
  });
};
