/** The packages of a job, by who installs them. Pure. */

/** Where packages come from in builds. */
export interface Registries {
  /** Null = the tool's own. */
  readonly npmRegistry: string | null;
  readonly pipIndex: string | null;
  /** The registries want credentials. They do not go into builds, where whoever finds the bundle could read them. */
  readonly wantCredentials: boolean;
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

/** For people: `pip: pandas==2.2.2`. One line for each kind that there is. */
export const describePackages = (packages: readonly string[]): readonly string[] =>
  Object.entries(splitPackages(packages)).flatMap(([kind, specs]) =>
    specs.length === 0 ? [] : [`${kind}: ${specs.join(', ')}`],
  );
