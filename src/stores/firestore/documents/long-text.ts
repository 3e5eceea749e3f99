/**
 * Texts that may be longer than a document: a short one stands in its document, a long one in pieces of its own beside
 * it, named by its digest. Pieces are written before the commit that names them, since a commit has a limit, too; they
 * are never changed, so who writes them twice changes nothing.
 */
import { createHash } from 'node:crypto';
import type { Change, Connection, Fields } from '../connection.ts';

/** What a document holds of a text. */
export type TextField = string | { readonly digest: string; readonly count: number };

export interface LaidOut {
  readonly field: TextField;
  /** To be written beforehand by `writePieces`. */
  readonly pieces: readonly Change[];
}

/** The longest text that stands in its document, in bytes. */
export const INLINE_BYTES = 256 * 1024;
const PIECE_BYTES = 512 * 1024;
/** Pieces in one commit: the request is limited to 10 MiB. */
const PIECES_AT_ONCE = 8;
const DIGEST_LENGTH = 32;

/** A piece was gone: the document that names it has been written since it was read. */
export class TornReadError extends Error {}

const pathOf = (parent: string, digest: string, index: number): string => `${parent}/pieces/${digest}-${index}`;

/** @param most longest text that may stand in the document, in bytes */
export const layOut = (parent: string, text: string, most = INLINE_BYTES): LaidOut => {
  // No text is shorter in bytes than in code units, so most texts need no copy to be measured.
  if (text.length * 3 <= most || Buffer.byteLength(text) <= most) return { field: text, pieces: [] };
  const bytes = Buffer.from(text);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, DIGEST_LENGTH);
  const count = Math.ceil(bytes.length / PIECE_BYTES);
  const pieces = Array.from({ length: count }, (_, index): Change => {
    const piece = bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    return { kind: 'replace', path: pathOf(parent, digest, index), fields: { bytes: piece } };
  });
  return { field: { digest, count }, pieces };
};

export const writePieces = async (connection: Connection, pieces: readonly Change[]): Promise<void> => {
  for (let from = 0; from < pieces.length; from += PIECES_AT_ONCE) {
    await connection.commit(pieces.slice(from, from + PIECES_AT_ONCE));
  }
};

const isPieces = (field: unknown): field is Exclude<TextField, string> =>
  typeof field === 'object' && field !== null && 'digest' in field && 'count' in field;

/** Deletes what `before` had in pieces and `after` no longer names. */
export const dropPieces = (parent: string, before: unknown, after: TextField): Change[] => {
  if (!isPieces(before) || (isPieces(after) && after.digest === before.digest)) return [];
  return Array.from({ length: before.count }, (_, index) => ({
    kind: 'delete',
    path: pathOf(parent, before.digest, index),
  }));
};

/** The whole text of a field; null when the field holds no text. @throws TornReadError */
export const readText = async (
  connection: Connection,
  parent: string,
  fields: Fields,
  name: string,
): Promise<string | null> => {
  const field = fields[name];
  if (typeof field === 'string') return field;
  if (!isPieces(field)) return null;
  const paths = Array.from({ length: field.count }, (_, index) => pathOf(parent, field.digest, index));
  const parts = (await connection.getAll(paths)).map((stored) => stored?.fields.bytes);
  const bytes = parts.filter((part) => part instanceof Uint8Array);
  if (bytes.length < field.count) throw new TornReadError(`pieces of ${parent} are gone`);
  return Buffer.concat(bytes).toString();
};
