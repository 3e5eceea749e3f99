/** Who may import whom. A row here is a row of the table in ARCHITECTURE.md; change both, and on purpose. */
import { posix } from 'node:path';
import type { Import } from './read-source.ts';
import type { Violation } from './violation.ts';

interface Row {
  /** Layers besides its own folder. */
  readonly layers: readonly string[];
  readonly node: boolean;
  /** npm packages, by layer or by adapter; what is not named here may not be imported. */
  readonly packages: readonly string[];
}

const row = (layers: readonly string[], packages: readonly string[] = [], node = false): Row => ({
  layers,
  node,
  packages,
});

const adapter = (...packages: readonly string[]): Row => row(['core', 'ports'], packages, true);

const GOOGLE_AUTH = 'google-auth-library';

/** By layer, or by layer and adapter (`stores/sqlite`). */
const ROWS: Readonly<Record<string, Row>> = {
  core: row([]),
  ports: row(['core']),
  engine: row(['core', 'ports']),
  'executors/local': adapter(),
  'executors/cloud-build': adapter('@googleapis/cloudbuild', '@googleapis/storage', GOOGLE_AUTH),
  'harnesses/claude-code': adapter('ajv', 'ajv-formats'),
  'stores/sqlite': adapter(),
  'stores/firestore': adapter('@google-cloud/firestore', GOOGLE_AUTH),
  'artifacts/disk': adapter(),
  'artifacts/cloud-storage': adapter('@googleapis/storage', GOOGLE_AUTH),
  gateway: adapter(),
  system: adapter('croner', 'diff', 'pino', 'prom-client'),
  demo: row(['core'], [], true),
  api: row(['core'], ['zod', '@hono/zod-openapi']),
  http: row(['api', 'core', 'engine', 'ports'], ['hono', '@hono/node-server', '@hono/zod-openapi', 'zod'], true),
  conversation: row(['api', 'core', 'engine', 'ports'], ['zod']),
  client: row(['api'], ['eventsource-parser']),
  cli: row(['client', 'api', 'core', 'version.ts'], ['commander'], true),
  web: row(
    ['client', 'api'],
    ['react', 'react-dom', '@tanstack/react-query', '@tanstack/react-router', '@tanstack/react-virtual', 'zod'],
  ),
  'config.ts': row(['core'], ['zod']),
  'version.ts': row([], [], true),
};

/** Layers whose folders are adapters: each adapter is for itself. */
const ADAPTER_LAYERS = ['executors', 'harnesses', 'stores', 'artifacts'];

/** What a command may know that works on this installation itself, and not through its HTTP API. */
const INSTALLATION = ['app.ts', 'config.ts', 'engine', 'ports', 'system'];

/** Besides their layer's row. */
const FILE_ROWS: Readonly<Record<string, readonly string[]>> = {
  'src/cli/program.ts': ['config.ts'],
  'src/cli/serve.ts': INSTALLATION,
  'src/cli/demo.ts': INSTALLATION,
  'src/cli/doctor.ts': INSTALLATION,
  'src/cli/keys.ts': INSTALLATION,
};

/** The composition root knows everything but those who call it. */
const NOT_FOR_APP = ['cli', 'web'];

/** Adapters whose packages are large: loaded when they are chosen, never before. */
const HEAVY_ADAPTERS = ['executors/cloud-build', 'stores/firestore', 'artifacts/cloud-storage'];

/** A file's place: its layer, and its unit, which is the layer or the adapter in it. */
interface Place {
  readonly layer: string;
  readonly unit: string;
}

const placeOf = (path: string): Place | null => {
  const [top, layer, adapterName, ...rest] = path.split('/');
  if (top === 'web') return { layer: 'web', unit: 'web' };
  if (top !== 'src' || layer === undefined) return null;
  const inAdapter = ADAPTER_LAYERS.includes(layer) && adapterName !== undefined && rest.length > 0;
  return { layer, unit: inAdapter ? `${layer}/${adapterName}` : layer };
};

const rowOf = (place: Place): Row | null => ROWS[place.unit] ?? null;

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const mayImport = (from: string, here: Place, there: Place): boolean => {
  if (there.unit === here.unit) return true;
  if (here.unit === 'app.ts') return !NOT_FOR_APP.includes(there.layer);
  const allowed = [...(rowOf(here)?.layers ?? []), ...(FILE_ROWS[from] ?? [])];
  return allowed.includes(there.unit);
};

const checkFile = (path: string, here: Place, found: Import, specifier: string): string | null => {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  const there = placeOf(target);
  if (there === null) return `${specifier} leads out of src`;
  if (!mayImport(path, here, there)) return `${here.unit} may not import ${there.unit} (${specifier})`;
  const heavy = HEAVY_ADAPTERS.includes(there.unit) && there.unit !== here.unit;
  return heavy && found.kind === 'static' ? `${there.unit} is heavy: import it dynamically (${specifier})` : null;
};

const checkImport = (path: string, here: Place, found: Import): string | null => {
  const { specifier } = found;
  if (specifier === null) return 'a computed import cannot be checked: name the module';
  if (specifier.startsWith('.')) return checkFile(path, here, found, specifier);
  if (here.unit === 'app.ts') return null;
  const own = rowOf(here);
  if (specifier.startsWith('node:')) return own?.node === true ? null : `${here.unit} may not import ${specifier}`;
  const name = packageOf(specifier);
  return own?.packages.includes(name) === true ? null : `${here.unit} may not import the package ${name}`;
};

const APP_HEAVY = /^(?:@google-cloud|@googleapis)\//;

/** Checks a file's place and what it imports. */
export const checkLayers = (path: string, imports: readonly Import[]): Violation[] => {
  const here = placeOf(path);
  if (here === null) return [];
  if (here.unit !== 'app.ts' && rowOf(here) === null) {
    return [{ path, rule: 'layer', detail: `${here.unit} has no row in test/support/architecture/layers.ts` }];
  }
  const layers = imports
    .map((found) => checkImport(path, here, found))
    .filter((detail) => detail !== null)
    .map((detail) => ({ path, rule: 'layer', detail }));
  const heavy = imports
    .filter(({ kind, specifier }) => kind === 'static' && specifier !== null && APP_HEAVY.test(specifier))
    .filter(() => !HEAVY_ADAPTERS.includes(here.unit))
    .map(({ specifier }) => ({ path, rule: 'heavy', detail: `import ${specifier} dynamically, or in its adapter` }));
  return [...layers, ...heavy];
};
