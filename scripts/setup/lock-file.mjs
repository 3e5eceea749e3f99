/**
 * Completes a package-lock.json. A registry that carries only some platforms makes npm leave the optional packages of
 * the others out of the lock file, and then `npm ci` refuses that file everywhere. What is left out is known all the
 * same: exact versions stand in the packages that ask for them, and the platform stands in the name.
 */

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   optionalDependencies?: Record<string, string> }} Entry
 */

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'wasm32'];

/** @type {(name: string) => Pick<Entry, 'os' | 'cpu' | 'libc'>} */
const platformOf = (name) => {
  const parts = (name.split('/').at(-1) ?? '').split('-');
  const os = SYSTEMS.find((system) => parts.includes(system));
  const cpu = PROCESSORS.find((processor) => parts.includes(processor));
  const linux = os === 'linux';
  const libc = linux && parts.some((part) => part.startsWith('musl')) ? 'musl' : linux ? libcOf(parts) : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) };
};

/** @type {(parts: readonly string[]) => string | undefined} */
const libcOf = (parts) => (parts.some((part) => part.startsWith('gnu')) ? 'glibc' : undefined);

/** The folders in which Node looks for what the package at `path` asks for, nearest first. */
const searchPath = (/** @type {string} */ path) => {
  const folders = [];
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    folders.push(`${at}/node_modules/`);
  }
  return [...folders, 'node_modules/'];
};

/**
 * The optional packages that the lock file asks for by exact version and does not have.
 * @param {Record<string, Entry>} packages
 * @returns {{ parent: string, name: string, version: string }[]}
 */
export const missingOptional = (packages) =>
  Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([, version]) => /^\d+\.\d+\.\d+/.test(version))
      .filter(([name, version]) => {
        const nearest = searchPath(parent).find((folder) => packages[folder + name] !== undefined);
        return nearest === undefined || packages[nearest + name]?.version !== version;
      })
      .map(([name, version]) => ({ parent, name, version })),
  );

/**
 * The packages with those that were missing, each beside the one that asks for it. Run `npm install` afterwards: npm
 * moves them to where it would have put them.
 * @param {Record<string, Entry>} packages
 * @returns {Record<string, Entry>}
 */
export const completed = (packages) => {
  const added = missingOptional(packages).map(({ parent, name, version }) => {
    const folder = parent.slice(0, parent.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const dev = packages[parent]?.dev === true ? { dev: true } : {};
    return /** @type {const} */ ([folder + name, { version, ...dev, optional: true, ...platformOf(name) }]);
  });
  return Object.fromEntries([...Object.entries(packages), ...added].sort(([a], [b]) => (a < b ? -1 : 1)));
};
