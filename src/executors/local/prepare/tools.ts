/** The tools that install packages and fetch repositories: where they are, what they are, what they take by default. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DomainError } from '../../../core/errors.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;

/** In the order in which a place looks for programs, so that a step and an agent mean the same one. */
const PLACE_DIRS = ['/usr/local/bin', '/usr/bin'];

/** Path of a tool that is the same on the host and inside; null when there is none. */
export const toolInside = (name: string): string | null =>
  PLACE_DIRS.map((dir) => join(dir, name)).find((path) => existsSync(path)) ?? null;

export const MEND_PIP = 'apt-get install --yes python3 python3-pip';
export const MEND_NPM = 'apt-get install --yes npm';
export const MEND_GIT = 'apt-get install --yes git';

const absent = (code: 'packages_failed' | 'source_failed', what: string, mend: string, cause?: unknown): DomainError =>
  new DomainError(code, `${what} is not installed on this server.`, {
    hint: `Nothing was executed. Tell the operator to run: ${mend}`,
    ...(cause === undefined ? {} : { cause }),
  });

export interface Python {
  readonly path: string;
  /** Of Python and of pip. */
  readonly version: string;
}

/** Which Python has which pip, and by itself, whatever the server's own settings of the two are. */
const PYTHON_FACTS = `
import json, sys
from importlib import metadata
from pip._internal.models.index import PyPI
print(json.dumps([sys.version + ' pip ' + metadata.version('pip'), PyPI.simple_url, PyPI.file_storage_domain]))
`;

/** Python with pip, and pip's own index and file host. `packages_failed` when the host has none. */
export const findPython = async (): Promise<Python & { readonly index: string; readonly fileHost: string }> => {
  const path = toolInside('python3');
  if (path === null) throw absent('packages_failed', 'python3', MEND_PIP);
  try {
    const { stdout } = await run(path, ['-I', '-c', PYTHON_FACTS], { cwd: '/', timeout: TIMEOUT_MS });
    const [version = '', index = '', fileHost = '']: string[] = JSON.parse(stdout);
    return { path, version, index, fileHost };
  } catch (error) {
    throw absent('packages_failed', 'pip, the installer of Python packages,', MEND_PIP, error);
  }
};

export interface Npm {
  /** Directory of the package on the host. */
  readonly dir: string;
  readonly version: string;
}

/** Where Node.js and the distributions put npm. */
const npmDirs = (): readonly string[] => [
  join(dirname(process.execPath), '../lib/node_modules/npm'),
  '/usr/local/lib/node_modules/npm',
  '/usr/lib/node_modules/npm',
  '/usr/share/nodejs/npm',
];

const isNpm = (path: string): boolean => existsSync(join(path, 'bin/npm-cli.js'));

/** The one that a shell of the server's user finds, such as a version manager's in a home directory. */
const npmInPath = async (): Promise<string | undefined> => {
  try {
    const { stdout } = await run('/bin/sh', ['-c', 'command -v npm'], { cwd: '/', timeout: TIMEOUT_MS });
    return dirname(dirname(realpathSync(stdout.trim())));
  } catch {
    return undefined;
  }
};

/** `packages_failed` when the host has none. */
export const findNpm = async (): Promise<Npm> => {
  const dir = [...npmDirs(), (await npmInPath()) ?? '/'].find(isNpm);
  if (dir === undefined) throw absent('packages_failed', 'npm', MEND_NPM);
  const { version }: { version: string } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  return { dir, version };
};

/** The registry that npm takes on this host when nobody names one: its own, or the one that the operator gave it. */
export const npmDefaultRegistry = async ({ dir }: Npm): Promise<string> => {
  const args = [join(dir, 'bin/npm-cli.js'), 'config', 'get', 'registry'];
  try {
    // In a directory without a project, whose settings would count otherwise.
    const { stdout } = await run(process.execPath, args, { cwd: '/', timeout: TIMEOUT_MS });
    return new URL(stdout.trim()).href;
  } catch (error) {
    throw new DomainError('packages_failed', 'npm does not tell its registry on this server.', {
      hint: 'Nothing was executed. Tell the operator to set SLIPWAY_NPM_REGISTRY, or to mend npm.',
      cause: error,
    });
  }
};

/** Path of git; `source_failed` when the host has none. */
export const findGit = (): string => {
  const path = toolInside('git');
  if (path === null) throw absent('source_failed', 'git', MEND_GIT);
  return path;
};
