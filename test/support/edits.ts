/** Changes of text in a copy of the sources, for programs that show what the tests find. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Edit {
  /** Path from the root of the sources. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** How often the text of an edit stands in its source. */
export const occurrences = (source: string, { find }: Pick<Edit, 'find'>): number => source.split(find).length - 1;

/**
 * Makes the edits below `folder`, each of which may find what an earlier one has left, while `act` runs. Throws where one
 * does not find its text exactly once.
 */
export const withEdits = <Result>(folder: string, edits: readonly Edit[], act: () => Result): Result => {
  const sound = new Map<string, string>();
  try {
    for (const one of edits) {
      const path = join(folder, one.file);
      const source = readFileSync(path, 'utf8');
      if (occurrences(source, one) !== 1) throw new Error(`${one.file} does not have this exactly once: ${one.find}`);
      if (!sound.has(path)) sound.set(path, source);
      const edited = source.replace(one.find, () => one.replace);
      writeFileSync(path, edited);
    }
    return act();
  } finally {
    for (const [path, source] of sound) writeFileSync(path, source);
  }
};
