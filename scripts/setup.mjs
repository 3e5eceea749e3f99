/**
 * Set-up: `node scripts/setup.mjs demo|start|test`. The npm scripts call it first. It needs nothing but Node 20 or
 * newer and npm; it looks at what is there, says what it installs before it does, and does nothing when all is there.
 */
import { fileURLToPath } from 'node:url';
import { isStale } from './setup/dashboard.mjs';
import * as machine from './setup/machine.mjs';
import { installStep, missingPackages, needsOf, PROFILES, systemOf } from './setup/needs.mjs';
import { explainNpm, faultLines, isLockIncomplete } from './setup/npm-state.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = 20;
const NPM_FLAGS = ['--loglevel=error', '--no-audit', '--no-fund', '--include=dev', '--include=optional'];

/** What stops the set-up; its lines are for the person at the terminal. */
class Stopped extends Error {
  /** @param {readonly string[]} lines */
  constructor(lines) {
    super(lines.join('\n'));
  }
}

const say = (/** @type {string} */ line) => console.log(`set-up: ${line}`);

/** @type {(output: string) => string[]} */
const indented = (output) => faultLines(output).map((line) => `  ${line}`);

/** @type {(startedAt: number) => string} */
const since = (startedAt) => `${Math.max(1, Math.round((Date.now() - startedAt) / 1000))} s`;

/** @type {(needs: readonly import('./setup/needs.mjs').Need[]) => Promise<string[]>} */
const findMissing = async (needs) => {
  const present = await machine.present([...new Set(needs.flatMap((need) => need.programs))]);
  return missingPackages(needs, present, systemOf(process.platform, machine.osRelease()));
};

/** @type {(packages: readonly string[]) => Promise<void>} */
const installPackages = async (packages) => {
  const system = systemOf(process.platform, machine.osRelease());
  const step = installStep(system, packages, await machine.privilege());
  if (step.kind === 'tell') {
    throw new Stopped([`These system packages are missing: ${packages.join(', ')}`, ...step.lines]);
  }
  say(`installing system packages with apt-get: ${packages.join(', ')}`);
  const startedAt = Date.now();
  if (machine.aptListsEmpty()) await machine.run(step.update);
  let installed = await machine.run(step.argv);
  if (installed.status !== 0) {
    await machine.run(step.update); // Old lists name versions that the mirror no longer has.
    installed = await machine.run(step.argv);
  }
  if (installed.status !== 0) {
    const command = step.argv.join(' ');
    throw new Stopped(['apt-get could not install them:', ...indented(installed.output), `  Try: ${command}`]);
  }
  say(`system packages installed (${since(startedAt)})`);
};

const installNpmPackages = async () => {
  say('installing npm packages; the first time this takes a minute or so');
  const startedAt = Date.now();
  let installed = await machine.npm(root, ['ci', ...NPM_FLAGS]);
  if (!installed.missing && isLockIncomplete(installed.output)) {
    say('npm ci finds the lock file incomplete for this registry; installing what it names with npm install');
    installed = await machine.npm(root, ['install', '--no-save', ...NPM_FLAGS]);
  }
  if (installed.missing) throw new Stopped(['npm is not there. Install it (it comes with Node), then run this again.']);
  if (installed.status !== 0) {
    throw new Stopped([
      'npm could not install the packages:',
      ...indented(installed.output),
      explainNpm(installed.output),
    ]);
  }
  if (!(await machine.pinnedNodeRuns(root))) {
    throw new Stopped([
      'The Node that this repository pins (npm package "node") did not arrive or does not run here.',
      'It comes by an install script, and for glibc only. If npm is set to ignore install scripts:',
      '  npm rebuild --ignore-scripts=false node @anthropic-ai/claude-code',
    ]);
  }
  say(`npm packages installed (${since(startedAt)})`);
};

const buildDashboard = async () => {
  say('building the dashboard');
  const startedAt = Date.now();
  const argv = [`${root}node_modules/.bin/node`, `${root}scripts/build-dashboard.mjs`];
  const built = await machine.run(argv, { cwd: root });
  if (built.status !== 0) throw new Stopped(['The dashboard could not be built:', built.output.trimEnd()]);
  say(`dashboard built (${since(startedAt)})`);
};

/** @type {(profile: import('./setup/needs.mjs').Profile) => Promise<void>} */
const setUp = async (profile) => {
  const needs = needsOf(profile, process.env.SLIPWAY_EXECUTOR);
  const look = () => Promise.all([findMissing(needs), machine.packagesReady(root)]);
  const [packages, ready] = await look();
  if (packages.length === 0 && ready && !isStale(root)) return;
  await machine.oneAtATime(
    async () => {
      const [stillMissing, readyNow] = await look();
      if (stillMissing.length > 0) await installPackages(stillMissing);
      if (!readyNow) await installNpmPackages();
      if (isStale(root)) await buildDashboard();
      const without = stillMissing.length > 0 ? await findMissing(needs) : [];
      if (without.length > 0) throw new Stopped([`Installed, and yet it does not run: ${without.join(', ')}`]);
    },
    () => say('another set-up is at work on this machine; waiting for it'),
  );
};

const main = async () => {
  const profile = process.argv[2] ?? '';
  if (!PROFILES.includes(profile)) throw new Stopped([`Usage: node scripts/setup.mjs ${PROFILES.join('|')}`]);
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new Stopped([`Node ${OLDEST_NODE} or newer is needed to set up; this is ${process.version}.`]);
  }
  await setUp(/** @type {import('./setup/needs.mjs').Profile} */ (profile));
};

try {
  await main();
} catch (error) {
  const lines = error instanceof Stopped ? error.message : String(error instanceof Error ? error.stack : error);
  console.error(`set-up stopped. ${lines}`);
  process.exitCode = 1;
}
