/** The architecture's rules, run over files that are given as paths and texts. Pure. */
import { checkFileRules } from './files.ts';
import { checkLayers } from './layers.ts';
import { readSource } from './read-source.ts';
import { checkTree } from './tree.ts';
import type { Violation } from './violation.ts';

/** A unit test puts real parts together, so the table of layers is not for it. */
const isTest = (path: string): boolean => /\.test\.\w+$/.test(path);

/** What one file breaks. `path` is relative to the repository's root. */
export const inspectFile = (path: string, text: string): Violation[] => {
  const source = readSource(path, text);
  return [...checkFileRules(path, text, source), ...(isTest(path) ? [] : checkLayers(path, source.imports))];
};

/** What a repository breaks. */
export const inspect = (files: ReadonlyMap<string, string>): Violation[] => [
  ...[...files].flatMap(([path, text]) => inspectFile(path, text)),
  ...checkTree([...files.keys()]),
];
