/** The machine as it is: programs that answer, commands that run, one set-up at a time. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isInstalled } from './npm-state.mjs';

/** @typedef {{ status: number | null, output: string, missing: boolean }} Ran */

/**
 * Runs a command to its end, without a terminal; never rejects.
 * @param {readonly string[]} argv
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Ran>}
 */
export const run = (argv, options = {}) =>
  new Promise((resolve) => {
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-65_536);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ status: null, output: error.message, missing: true }));
    child.once('close', (status) => resolve({ status, output, missing: false }));
  });

/**
 * The programs that answer, found by trying them.
 * @param {readonly string[]} programs
 * @returns {Promise<Set<string>>}
 */
export const present = async (programs) => {
  const answers = await Promise.all(programs.map((program) => run([program, '--version'])));
  return new Set(programs.filter((_, index) => answers[index]?.status === 0));
};

/** @returns {Promise<import('./needs.mjs').Privilege>} */
export const privilege = async () => {
  if (process.getuid?.() === 0) return 'root';
  return (await run(['sudo', '-n', 'true'])).status === 0 ? 'sudo' : 'none';
};

/** /etc/os-release, or nothing where there is none. */
export const osRelease = () => (existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');

/** True when apt has no list of what there is to install, as in a fresh container image. */
export const aptListsEmpty = () => {
  const folder = '/var/lib/apt/lists';
  return !existsSync(folder) || !readdirSync(folder).some((name) => name.includes('_Packages'));
};

/** @type {(path: string) => unknown} */
const readJson = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {}; // Not there, or cut short: either way it says nothing.
  }
};

/**
 * Whether node_modules is whole: the lock file's packages are there, and the pinned Node runs on this machine.
 * @param {string} root
 */
export const packagesReady = async (root) => {
  const lock = readJson(join(root, 'package-lock.json'));
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  return isInstalled(Object(lock), Object(installed)) && (await pinnedNodeRuns(root));
};

/**
 * Whether the Node that the repository pins is installed and runs.
 * @param {string} root
 */
export const pinnedNodeRuns = async (root) =>
  (await run([join(root, 'node_modules', '.bin', 'node'), '--version'])).status === 0;

/**
 * Runs the machine's own npm: `npm run` puts node_modules/.bin first in the path, and npm must not stand on the Node
 * that it is about to replace.
 * @param {string} root
 * @param {readonly string[]} args
 */
export const npm = (root, args) => {
  const own = join(root, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== own);
  return run(['npm', ...args], { cwd: root, env: { ...process.env, PATH: path.join(delimiter) } });
};

/**
 * Does `work` while no other set-up on this machine does. The lock is a name in the kernel (an abstract Unix socket),
 * so it cannot outlive its holder, however that one ends.
 * @param {() => Promise<void>} work
 * @param {() => void} onWait called once when another one has to be waited for
 */
export const oneAtATime = async (work, onWait) => {
  let told = false;
  for (;;) {
    const held = await take('\0slipway-setup');
    if (held !== 'taken') {
      try {
        return await work();
      } finally {
        held?.close();
      }
    }
    if (!told) onWait();
    told = true;
    await delay(250);
  }
};

/**
 * The lock; 'taken' when another process has it; null where the system has no such names, and no lock then.
 * @param {string} name
 * @returns {Promise<import('node:net').Server | 'taken' | null>}
 */
const take = (name) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve('code' in error && error.code === 'EADDRINUSE' ? 'taken' : null));
    server.listen(name, () => resolve(server));
  });
