/** Rules about single files and their names. */
import { posix } from 'node:path';
import type { Source } from './read-source.ts';
import type { Violation } from './violation.ts';

const LONGEST_FILE = 300;

/** Names that say nothing about what is inside. */
const EMPTY_NAME = /(?:^|[-._])(?:utils?|helpers?|common|managers?)(?:[-._]|$)/;

/** Files whose programs read a default export, since their tools want one. */
const WANTS_DEFAULT_EXPORT = /(?:^|\/)[\w-]+\.config\.ts$/;

/** Layers whose behaviour must not depend on anything but their arguments. */
const WITHOUT_AMBIENT = /^src\/(?:core|engine|api)\//;

/** The settings, and the program that runs in a build step: there is no server, and nobody to hand it anything. */
const MAY_READ_ENVIRONMENT = /^src\/(?:config\.ts$|executors\/cloud-build\/runner\/)/;

const isTest = (path: string): boolean => /\.test\.\w+$/.test(path);

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** Checks one file by itself. */
export const checkFileRules = (path: string, text: string, source: Source): Violation[] => {
  const found: Violation[] = [];
  const add = (rule: string, detail: string) => found.push({ path, rule, detail });

  for (const fault of source.faults) add('syntax', fault);
  const lines = linesOf(text);
  if (lines > LONGEST_FILE) add('size', `${lines} lines; ${LONGEST_FILE} at most`);
  const name = posix.basename(path);
  if (EMPTY_NAME.test(name)) add('name', `${name} says nothing about what is inside`);
  if (source.hasDefaultExport && !WANTS_DEFAULT_EXPORT.test(path)) add('default export', 'give it a name');
  if (path.startsWith('src/') && !MAY_READ_ENVIRONMENT.test(path) && !isTest(path) && source.readsEnvironment) {
    add('environment', 'only src/config.ts reads process.env');
  }
  if (WITHOUT_AMBIENT.test(path) && !isTest(path)) {
    for (const use of source.ambient) add('ambient', `${use}: take time, ids and randomness as arguments`);
  }
  return found;
};
