/** What both sides of a comparison with the real CLI need: the scripted model, a server that uses it, and the bare CLI. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../src/app.ts';
import { parseConfig } from '../src/config.ts';
import { openDemoModel } from '../src/demo/server.ts';
import { findClaude } from '../src/system/claude-binary.ts';
import { createLogger } from '../src/system/logger.ts';

export interface DemoScene {
  /** Directory for files of the comparison. */
  readonly folder: string;
  /** Address of the server. */
  readonly url: string;
  /** Starts the CLI alone: in a new home of that name, the model on loopback. */
  bare(home: string, args: readonly string[], stdio: StdioOptions): ChildProcess;
  /** The same in a bare sandbox: all namespaces but the network's, a read-only system but for its home. */
  bareInSandbox(home: string, args: readonly string[], stdio: StdioOptions): ChildProcess;
}

const bareSandbox = (home: string): readonly string[] => [
  ...['bwrap', '--unshare-all', '--share-net', '--die-with-parent', '--new-session', '--ro-bind', '/', '/'],
  ...['--proc', '/proc', '--dev', '/dev', '--bind', home, home, '--chdir', home],
];

/** Runs `work` with everything open, and closes it. */
export const withDemoScene = async (work: (scene: DemoScene) => Promise<void>): Promise<void> => {
  const claude = findClaude();
  if (claude === null) throw new Error('Claude Code is not installed: npm ci');
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const model = await openDemoModel({});
  const config = parseConfig({
    PORT: '0',
    SLIPWAY_DATA_DIR: join(folder, 'data'),
    SLIPWAY_RATE_LIMIT: '0',
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'demo',
  });
  const app = await openApp(config, createLogger('error', console.error), { demo: false });
  const start = (
    name: string,
    args: readonly string[],
    stdio: StdioOptions,
    sandbox: (home: string) => readonly string[],
  ): ChildProcess => {
    const home = join(folder, name);
    mkdirSync(home);
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      TMPDIR: home,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'demo',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    };
    const output = ['--print', '--output-format=stream-json', '--verbose', '--include-partial-messages'];
    const [program = '', ...rest] = [...sandbox(home), claude.path, ...output, ...args];
    return spawn(program, rest, { cwd: home, env, stdio });
  };
  try {
    await work({
      folder,
      url: app.url,
      bare: (home, args, stdio) => start(home, args, stdio, () => []),
      bareInSandbox: (home, args, stdio) => start(home, args, stdio, bareSandbox),
    });
  } finally {
    await app.close();
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Measures pairs of the two sides in turn, after a first pair that warms the disk cache. In milliseconds. */
export const pairsOf = async (
  rounds: number,
  alone: (round: number) => Promise<number>,
  whole: () => Promise<number>,
): Promise<readonly { readonly alone: number; readonly whole: number }[]> => {
  const pairs: { alone: number; whole: number }[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const pair = { alone: await alone(round), whole: await whole() };
    if (round >= 0) pairs.push(pair);
  }
  return pairs;
};
