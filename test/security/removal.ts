/** A wall taken away by a change of the text of a copy of the sources, to see that the test of the attack fails then. */
import type { Edit } from '../support/edits.ts';
import type { Attack } from './attack-table.ts';

export interface Removal {
  /** The row of SECURITY.md, by its first column. */
  readonly attack: string;
  /** What is taken away; two walls that stand behind each other are taken away together. */
  readonly wall: string;
  readonly edits: readonly Edit[];
  /** The test that must fail, where the row's own is not meant. */
  readonly test?: Pick<Attack, 'file' | 'name'>;
  /** Source of a library, in C, that the copy has as `removal.so`: for walls that another program builds. */
  readonly library?: string;
}

/** An edit of a file. */
export const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });
