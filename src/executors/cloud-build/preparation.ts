/** What is prepared in a build before its program starts. Pure. */
import type { Job } from '../../ports/executor.ts';

/** Where packages come from in builds. */
export interface Registries {
  /** Null = the tool's own. */
  readonly npmRegistry: string | null;
  readonly pipIndex: string | null;
  /** The registries want credentials. They do not go into builds, where whoever finds the bundle could read them. */
  readonly wantCredentials: boolean;
  /** File with credentials for repositories, which do not go into builds either; null = none. */
  readonly gitCredentials: string | null;
  /** Hosts whose repositories may be asked for by http, too. */
  readonly privateHosts: readonly string[];
}

/** One step of the preparation, as the reader of a run is told of it. */
export interface PreparationStep {
  readonly step: 'source' | 'packages';
  readonly detail: string;
}

const NPM = 'npm:';

/** Names with their kind taken off, each once and in a fixed order. */
export const splitPackages = (packages: readonly string[]): { readonly pip: string[]; readonly npm: string[] } => {
  const names = [...new Set(packages)].toSorted();
  return {
    pip: names.filter((name) => !name.startsWith(NPM)),
    npm: names.filter((name) => name.startsWith(NPM)).map((name) => name.slice(NPM.length)),
  };
};

/** The steps that a job needs, in their order. */
export const stepsOf = ({ source, packages }: Pick<Job, 'source' | 'packages'>): readonly PreparationStep[] => [
  ...Object.entries(splitPackages(packages)).flatMap(([kind, specs]) =>
    specs.length === 0 ? [] : [{ step: 'packages', detail: `${kind}: ${specs.join(', ')}` } as const],
  ),
  ...(source === null ? [] : [{ step: 'source', detail: `git: ${source.git} ${source.ref}` } as const]),
];
