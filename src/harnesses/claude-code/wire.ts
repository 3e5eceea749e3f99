/** Narrowing of what the CLI prints: nothing in it is trusted to have its form. */

import type { EventDraft } from '../../core/events.ts';
import type { JsonObject } from '../../core/json.ts';
import { type Clipped, clipJson } from './clip.ts';

export type Wire = Readonly<Record<string, unknown>>;

/** The value when it is an object, else an empty one. */
export const objectOf = (value: unknown): Wire => (isWire(value) ? value : {});

export const isWire = (value: unknown): value is Wire =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const stringOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The objects of a list. */
export const objectsOf = (value: unknown): readonly Wire[] => listOf(value).filter(isWire);

export const isJsonObject = (value: unknown): value is JsonObject => isWire(value);

/** A name or an id: short, or clipped to be. */
const SHORT = 512;
export const shortOf = (value: unknown, otherwise = ''): string => {
  const text = stringOf(value) ?? otherwise;
  return text.length <= SHORT ? text.toWellFormed().replaceAll('\0', '\uFFFD') : text.slice(0, SHORT).toWellFormed();
};

/** Clips to an object; anything else becomes an empty one. */
export const clipObject = (value: unknown, limit?: number): Clipped & { readonly value: JsonObject } => {
  const clipped = clipJson(objectOf(value), limit);
  return { ...clipped, value: isJsonObject(clipped.value) ? clipped.value : {} };
};

/** The event that says what was cut, when something was. */
export const truncations = (what: string, ...clips: readonly Clipped[]): readonly EventDraft[] => {
  const lost = clips.reduce((sum, clip) => sum + clip.lostBytes, 0);
  if (lost === 0) return [];
  const keptBytes = clips.reduce((sum, clip) => sum + clip.keptBytes, 0);
  return [{ type: 'truncated', data: { what, bytes: keptBytes + lost, keptBytes } }];
};
