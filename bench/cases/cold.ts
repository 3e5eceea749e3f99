/** How long a start takes, and how much memory it needs before there is anything to do: as users get it, and from here. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBuiltPackage } from '../../test/support/package/built-package.ts';
import { median, ms, report, timed } from '../figures.ts';

const SOURCES = join(import.meta.dirname, '../../src/cli/main.ts');
const ROUNDS = 10;
/** Of what /proc counts processor time in: a hundredth of a second. */
const TICK_MS = 10;

export interface Start {
  /** From the start of the process to its first answer. */
  readonly wallMs: number;
  /** Of the processor until then. */
  readonly cpuMs: number;
  /** Resident then. */
  readonly bytes: number;
}

const cpuMs = (pid: number): number => {
  // Counted from after the program's name, which can have spaces: user's time, and the system's.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;

/** Starts a server with further settings, waits for its first answer, and ends it. */
export const coldStart = async (
  main: string,
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Start> => {
  const own = { PATH: process.env.PATH, PORT: '0', SLIPWAY_DATA_DIR: folder, ANTHROPIC_API_KEY: 'none' };
  // As the program's first line says it.
  const args = ['--max-semi-space-size=2', main, 'serve'];
  const begun = performance.now();
  const child = spawn(process.execPath, args, { env: { ...own, ...settings }, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    for await (const text of child.stdout.setEncoding('utf8')) {
      const url = /serves at (\S+)/.exec(String(text))?.[1];
      if (url === undefined) continue;
      await fetch(`${url}/healthz`);
      const wallMs = performance.now() - begun;
      const pid = child.pid ?? 0;
      return { wallMs, cpuMs: cpuMs(pid), bytes: residentBytes(pid) };
    }
    throw new Error('The server did not start.');
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
};

/** Medians: by the clock, and in parentheses of the processor. */
export const sumOf = (starts: readonly Start[]): string => {
  const [wall, cpu] = [median(starts.map(({ wallMs }) => wallMs)), median(starts.map((one) => one.cpuMs))];
  return `${ms(wall)} (${ms(cpu)})`;
};

const megabytes = (starts: readonly Start[]): string =>
  `${(median(starts.map(({ bytes }) => bytes)) / 2 ** 20).toFixed(0)} MB`;

/** Takes turns, so that each meets the same noise. */
export const coldStarts = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const built = await openBuiltPackage();
  try {
    const bare: number[] = [];
    const packaged: Start[] = [];
    const sources: Start[] = [];
    for (let round = -1; round < ROUNDS; round += 1) {
      const node = await timed(() => once(spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }), 'exit'));
      const pair = [await coldStart(built.main, folder), await coldStart(SOURCES, folder)] as const;
      // The first makes the database.
      if (round < 0) continue;
      bare.push(node);
      packaged.push(pair[0]);
      sources.push(pair[1]);
    }
    report('bare node', ms(median(bare)));
    report('start to first answer (processor): package', sumOf(packaged), '≤ 400 ms');
    report('start to first answer (processor): sources', sumOf(sources));
    report('memory then: package, sources', `${megabytes(packaged)}, ${megabytes(sources)}`, '≤ 100 MB');
  } finally {
    built.remove();
    rmSync(folder, { recursive: true, force: true });
  }
};
