/** Deleting a document with everything below it: Firestore keeps what is below a document that is deleted. */
import type { Connection, Stored } from '../connection.ts';

/** Deletions in one commit; the rest goes before. */
const AT_ONCE = 400;

/**
 * Deletes a document and the named collections below it. The document goes last, on the condition that it is as it was
 * read, so that who dies in between, or meets a writer, begins anew.
 * @throws ConflictError
 */
export const removeTree = async (
  connection: Connection,
  root: Stored,
  collections: readonly string[],
): Promise<void> => {
  const below: Stored[] = [];
  for (const name of collections) {
    below.push(...(await connection.find({ collection: `${root.path}/${name}`, fields: [] })));
  }
  const deletions = below.map(({ path }) => ({ kind: 'delete', path }) as const);
  while (deletions.length > AT_ONCE) await connection.commit(deletions.splice(0, AT_ONCE));
  await connection.commit([...deletions, { kind: 'delete', path: root.path, version: root.version }]);
};
