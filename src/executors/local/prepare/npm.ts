/**
 * How Node.js packages are installed: by npm under the server's own Node.js, in two steps. The first has the network,
 * and the registry's token where there is one, and runs no code of a package; the second runs the packages' install
 * scripts, which many need, without either.
 */
import { PLACE } from '../../../ports/executor.ts';
import { PACKAGES_DIR, PROGRAMS_DIR } from '../translate.ts';
import type { Installer } from './install.ts';
import { secretForms } from './message.ts';
import { hostOf, type RegistrySettings } from './registries.ts';
import { findNpm, npmDefaultRegistry } from './tools.ts';

const NODE_DIR = `${PACKAGES_DIR}/node`;
const NPM_DIR = '/opt/slipway/npm';
const TREE = 'tree';
const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-progress', '--loglevel=error'];

export const npmInstaller = async (settings: RegistrySettings): Promise<Installer> => {
  const npm = await findNpm();
  const registry = settings.npmRegistry ?? (await npmDefaultRegistry(npm));
  const { npmToken } = settings;
  const npmCli = `${npm.dir.startsWith('/usr/') ? npm.dir : NPM_DIR}/bin/npm-cli.js`;
  const node = { kind: 'read-only', from: process.execPath, to: `${PROGRAMS_DIR}/node` } as const;
  const mounts = [
    node,
    ...(npm.dir.startsWith('/usr/') ? [] : [{ kind: 'read-only', from: npm.dir, to: NPM_DIR } as const]),
  ];
  const { host, pathname } = new URL(registry);
  const auth = `//${host}${pathname.replace(/\/?$/, '/')}:_authToken=${npmToken}\n`;
  const npmRun = (command: string, ...args: string[]): readonly [string, ...string[]] => [
    `${PROGRAMS_DIR}/node`,
    npmCli,
    command,
    `--prefix=${PLACE.workspace}/${TREE}`,
    ...QUIET,
    ...args,
  ];
  return {
    name: 'npm',
    identity: [npm.version, process.version, registry],
    isExact: (spec) => /@\d+\.\d+\.\d+([+-].*)?$/.test(spec),
    secrets: npmToken === null ? [] : secretForms(npmToken),
    hostsSetting: 'SLIPWAY_NPM_HOSTS',
    hint: 'Check the names and versions of the packages; their install scripts run without network.',
    tree: TREE,
    steps: (specs) => [
      {
        command: npmRun('install', '--ignore-scripts', `--registry=${registry}`, '--', ...specs),
        env: {},
        files: npmToken === null ? [] : [{ root: 'home', path: '.npmrc', content: Buffer.from(auth) }],
        hosts: [...new Set([hostOf(registry), ...settings.npmHosts])],
        furnishing: { mounts, env: {}, paths: [] },
      },
      {
        command: npmRun('rebuild', '--foreground-scripts'),
        env: {},
        files: [],
        hosts: [],
        furnishing: { mounts, env: {}, paths: [] },
      },
    ],
    furnish: (entry) => ({
      // The Node.js that the packages were built for.
      mounts: [node, { kind: 'read-only', from: entry, to: NODE_DIR }],
      env: { NODE_PATH: `${NODE_DIR}/node_modules` },
      paths: [`${NODE_DIR}/node_modules/.bin`],
    }),
  };
};
