/** Who owns what: only root can give anything away, and a step that is not root is the agent already. */
import { lchownSync } from 'node:fs';

/** Gives a file, a folder or a link itself to a user. */
export const lchownIfRoot = (path: string, uid: number): void => {
  if (process.getuid?.() === 0) lchownSync(path, uid, uid);
};
