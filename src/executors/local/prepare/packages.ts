/** The packages of a job: each kind installed on its own, so that jobs share what they have in common. */
import type { Job, StartWatch } from '../../../ports/executor.ts';
import { type Furnishing, UNFURNISHED } from '../translate.ts';
import type { Installer, Installs } from './install.ts';
import { npmInstaller } from './npm.ts';
import { pipInstaller } from './pip.ts';
import type { RegistrySettings } from './registries.ts';

const NPM = 'npm:';

/** Names with their kind taken off, each once and in a fixed order. */
export const splitPackages = (packages: readonly string[]): { readonly pip: string[]; readonly npm: string[] } => {
  const names = [...new Set(packages)].toSorted();
  return {
    pip: names.filter((name) => !name.startsWith(NPM)),
    npm: names.filter((name) => name.startsWith(NPM)).map((name) => name.slice(NPM.length)),
  };
};

export interface PackageDeps {
  readonly installs: Installs;
  readonly registries: RegistrySettings;
  readonly now: () => number;
}

/** Has a job's packages installed, and tells how its place is given them. */
export const furnishPackages = async (
  deps: PackageDeps,
  job: Job,
  seconds: number,
  watch: StartWatch | null,
): Promise<Furnishing> => {
  const { pip, npm } = splitPackages(job.packages);
  const kinds: [readonly string[], () => Promise<Installer>][] = [
    [pip, () => pipInstaller(deps.registries)],
    [npm, () => npmInstaller(deps.registries)],
  ];
  let furnishing = UNFURNISHED;
  for (const [specs, open] of kinds) {
    if (specs.length === 0) continue;
    const installer = await open();
    const { mounts, env, paths } = installer.furnish(await entryOf(deps, installer, specs, seconds, watch));
    furnishing = {
      mounts: [...furnishing.mounts, ...mounts],
      env: { ...furnishing.env, ...env },
      paths: [...furnishing.paths, ...paths],
    };
  }
  return furnishing;
};

const entryOf = async (
  deps: PackageDeps,
  installer: Installer,
  specs: readonly string[],
  seconds: number,
  watch: StartWatch | null,
): Promise<string> => {
  const tell = async (status: 'started' | 'done' | 'cached', durationMs: number | null): Promise<void> => {
    const detail = `${installer.name}: ${specs.join(', ')}`;
    await watch?.note({ type: 'run.preparing', data: { step: 'packages', status, detail, durationMs } });
  };
  const found = deps.installs.find(installer, specs);
  if (found !== null) {
    await tell('cached', 0);
    return found;
  }
  const begun = deps.now();
  await tell('started', null);
  const signal = watch?.signal ?? new AbortController().signal;
  const entry = await deps.installs.make(installer, specs, seconds, signal);
  await tell('done', deps.now() - begun);
  return entry;
};
