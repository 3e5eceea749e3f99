/** Rules about the tree as a whole. */
import type { Violation } from './violation.ts';

/** What may stand directly in src. */
const TOP_LEVEL = [
  'core',
  'ports',
  'engine',
  'executors',
  'harnesses',
  'stores',
  'artifacts',
  'gateway',
  'system',
  'checks',
  'conversation',
  'api',
  'http',
  'client',
  'cli',
  'demo',
  'config.ts',
  'config.test.ts',
  'app.ts',
  'app.test.ts',
  'examine.ts',
  'version.ts',
];

/** Layers whose adapters look alike: the file names of which, where one adapter has it, the others have it too. */
const ALIKE: Readonly<Record<string, (name: string) => boolean>> = {
  executors: (name) => ['executor.ts', 'translate.ts', 'transport.ts', 'output.ts', 'check.ts'].includes(name),
  stores: () => true,
};

const checkTopLevel = (paths: readonly string[]): Violation[] => {
  const present = new Set(paths.filter((path) => path.startsWith('src/')).map((path) => path.split('/')[1] ?? ''));
  return [...present]
    .filter((name) => !TOP_LEVEL.includes(name))
    .map((name) => ({ path: `src/${name}`, rule: 'layer', detail: 'is no known layer' }));
};

/** File names directly in each adapter's folder, tests left out. */
const siblingsIn = (layer: string, paths: readonly string[]): Map<string, Set<string>> => {
  const siblings = new Map<string, Set<string>>();
  for (const path of paths) {
    const [top, group, adapter, name, ...deeper] = path.split('/');
    if (top !== 'src' || group !== layer || adapter === undefined || name === undefined || deeper.length > 0) continue;
    if (!/\.test\.\w+$/.test(name)) siblings.set(adapter, (siblings.get(adapter) ?? new Set()).add(name));
  }
  return siblings;
};

const checkSiblings = (layer: string, counts: (name: string) => boolean, paths: readonly string[]): Violation[] => {
  const siblings = siblingsIn(layer, paths);
  const names = new Set([...siblings.values()].flatMap((own) => [...own]).filter(counts));
  return [...siblings].flatMap(([adapter, own]) =>
    [...names]
      .filter((name) => !own.has(name))
      .map((name) => ({
        path: `src/${layer}/${adapter}/${name}`,
        rule: 'siblings',
        detail: 'is missing; a sibling has it',
      })),
  );
};

/** Checks the paths of all files together. */
export const checkTree = (paths: readonly string[]): Violation[] => [
  ...checkTopLevel(paths),
  ...Object.entries(ALIKE).flatMap(([layer, counts]) => checkSiblings(layer, counts, paths)),
];
