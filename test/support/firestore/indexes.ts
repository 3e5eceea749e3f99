/** Which composite index a query needs, and which there are. The emulator answers without; the service does not. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Change, Select } from '../../../src/stores/firestore/connection.ts';

const file = z.strictObject({
  indexes: z.array(
    z.strictObject({
      collectionGroup: z.string(),
      queryScope: z.literal('COLLECTION'),
      fields: z.array(z.strictObject({ fieldPath: z.string(), order: z.enum(['ASCENDING', 'DESCENDING']) })),
    }),
  ),
  fieldOverrides: z.array(
    z.strictObject({
      collectionGroup: z.string(),
      fieldPath: z.string(),
      ttl: z.literal(true).optional(),
      indexes: z.array(z.never()),
    }),
  ),
});

const FOLDER = resolve(import.meta.dirname, '../../../deploy/firestore');
export const RULES = readFileSync(`${FOLDER}/firestore.rules`, 'utf8');
const { indexes, fieldOverrides } = file.parse(JSON.parse(readFileSync(`${FOLDER}/indexes.json`, 'utf8')));

const ORDERS = { ASCENDING: 'asc', DESCENDING: 'desc' } as const;

/** The indexes of the file, in the words of `neededIndex`. */
export const INDEXES = indexes.map(
  ({ collectionGroup, fields }) =>
    `${collectionGroup}: ${fields.map(({ fieldPath, order }) => `${fieldPath} ${ORDERS[order]}`).join(', ')}`,
);
/** Fields that are in no index, as `collection.field`. */
export const EXEMPT = new Set(
  fieldOverrides.map(({ collectionGroup, fieldPath }) => `${collectionGroup}.${fieldPath}`),
);
/** Fields by which documents are deleted when their time has come. */
export const TTL = fieldOverrides
  .filter(({ ttl }) => ttl === true)
  .map(({ collectionGroup, fieldPath }) => `${collectionGroup}.${fieldPath}`);

const groupOf = (path: string): string => {
  const parts = path.split('/');
  return parts.at(parts.length % 2 === 0 ? -2 : -1) ?? '';
};

/**
 * The composite index that a query needs, or null when it goes by the indexes that each field has by itself: one field
 * alone, or equalities alone, whose indexes are merged.
 */
export const neededIndex = ({ collection, where = [], orderBy = [] }: Select): string | null => {
  const equal = [...new Set(where.filter(([, operator]) => ['==', 'in'].includes(operator)).map(([field]) => field))];
  const ordered = [...orderBy];
  for (const [field, operator] of where) {
    const range = !['==', 'in'].includes(operator);
    if (range && !ordered.some(([name]) => name === field)) throw new Error(`${field} has a range and no order`);
  }
  if (ordered.length === 0 || equal.length + ordered.length === 1) return null;
  const fields = [
    ...equal.map((field) => `${field} asc`),
    ...ordered.map(([field, direction]) => `${field} ${direction}`),
  ];
  return `${groupOf(collection)}: ${fields.join(', ')}`;
};

/** Longest text that the service puts into an index whole. */
const INDEXED_BYTES = 1_500;

/** Fields of a change that are long, or no plain values, and stand in an index all the same, as `collection.field`. */
export const wronglyIndexed = (change: Change): string[] => {
  if (change.kind === 'delete') return [];
  return Object.entries(change.fields)
    .filter(
      ([, value]) =>
        (typeof value === 'string' && Buffer.byteLength(value) > INDEXED_BYTES) ||
        value instanceof Uint8Array ||
        Array.isArray(value),
    )
    .map(([name]) => `${groupOf(change.path)}.${name}`)
    .filter((name) => !EXEMPT.has(name));
};

/** Fields of a change that say when the document may go, as `collection.field`. */
export const expiring = (change: Change): string[] =>
  change.kind !== 'delete' && 'expireAt' in change.fields ? [`${groupOf(change.path)}.expireAt`] : [];
