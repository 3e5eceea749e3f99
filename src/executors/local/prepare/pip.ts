/** How Python packages are installed: by the host's pip, in one step. */
import { PLACE } from '../../../ports/executor.ts';
import { PACKAGES_DIR, UNFURNISHED } from '../translate.ts';
import type { Installer } from './install.ts';
import { secretForms } from './message.ts';
import { hostOf, type RegistrySettings } from './registries.ts';
import { findPython } from './tools.ts';

const PYTHON_DIR = `${PACKAGES_DIR}/python`;
const TREE = 'tree';

const withCredentials = (index: string, credentials: string | null): string => {
  if (credentials === null) return index;
  const at = credentials.indexOf(':');
  const url = new URL(index);
  url.username = encodeURIComponent(at < 0 ? credentials : credentials.slice(0, at));
  url.password = at < 0 ? '' : encodeURIComponent(credentials.slice(at + 1));
  return url.href;
};

/**
 * A source distribution runs its own code while it is installed. With credentials for the index in the step, only
 * wheels are taken, which run none; without them, the code could reach the index and nothing else.
 */
export const pipInstaller = async (settings: RegistrySettings): Promise<Installer> => {
  const python = await findPython();
  const index = settings.pipIndex ?? python.index;
  const { pipCredentials } = settings;
  const ownFiles = settings.pipIndex === null ? [python.fileHost] : [];
  return {
    name: 'pip',
    identity: [python.version, python.path, index],
    isExact: (spec) => /==[^*]+$/.test(spec),
    secrets:
      pipCredentials === null
        ? []
        : [pipCredentials, pipCredentials.slice(pipCredentials.indexOf(':') + 1)].flatMap(secretForms),
    hostsSetting: 'SLIPWAY_PIP_HOSTS',
    hint:
      pipCredentials === null
        ? 'Check the names and versions of the packages.'
        : 'Check the names and versions of the packages; only wheels are taken from an index with credentials.',
    tree: TREE,
    steps: (specs) => [
      {
        command: [
          python.path,
          '-m',
          'pip',
          'install',
          `--target=${PLACE.workspace}/${TREE}`,
          '--no-input',
          '--no-cache-dir',
          '--disable-pip-version-check',
          '--no-warn-script-location',
          '--progress-bar=off',
          '--quiet',
          ...(pipCredentials === null ? [] : ['--only-binary=:all:']),
          '--',
          ...specs,
        ],
        env: {
          PIP_INDEX_URL: withCredentials(index, pipCredentials),
          ...(new URL(index).protocol === 'http:' ? { PIP_TRUSTED_HOST: new URL(index).host } : {}),
          PIP_ROOT_USER_ACTION: 'ignore',
        },
        files: [],
        hosts: [...new Set([hostOf(index), ...ownFiles, ...settings.pipHosts])],
        furnishing: UNFURNISHED,
      },
    ],
    furnish: (entry) => ({
      mounts: [{ kind: 'read-only', from: entry, to: PYTHON_DIR }],
      env: { PYTHONPATH: PYTHON_DIR },
      paths: [`${PYTHON_DIR}/bin`],
    }),
  };
};
