/**
 * JSON from outside, made safe to work with: well-formed text only, no NUL, no `__proto__`, and not so deep that a
 * recursive reader would overflow its stack.
 */
import type { FieldFault } from '../core/errors.ts';
import type { Json } from '../core/json.ts';

export const MAX_JSON_DEPTH = 64;
const MAX_FAULTS = 20;

export type CleanJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

/** JSON Pointer (RFC 6901) of a path. */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

interface Cleaning {
  readonly path: (string | number)[];
  readonly faults: FieldFault[];
}

/** The value with lone surrogates replaced by U+FFFD, or what is wrong with it. `value` comes from `JSON.parse`. */
export const cleanJson = (value: unknown): CleanJson => {
  const cleaning: Cleaning = { path: [], faults: [] };
  const clean = cleanValue(value, cleaning);
  return cleaning.faults.length === 0 ? { ok: true, value: clean } : { ok: false, faults: cleaning.faults };
};

const fault = (cleaning: Cleaning, message: string): void => {
  if (cleaning.faults.length < MAX_FAULTS) cleaning.faults.push({ pointer: pointerOf(cleaning.path), message });
};

const cleanText = (text: string, cleaning: Cleaning): string => {
  if (text.includes('\0')) fault(cleaning, 'must not hold the NUL character');
  return text.toWellFormed();
};

const cleanValue = (value: unknown, cleaning: Cleaning): Json => {
  if (typeof value === 'string') return cleanText(value, cleaning);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (cleaning.path.length >= MAX_JSON_DEPTH) {
    fault({ path: [], faults: cleaning.faults }, `is nested more than ${MAX_JSON_DEPTH} levels deep`);
    return null;
  }
  if (Array.isArray(value))
    return value.map((item, index) => within(cleaning, index, () => cleanValue(item, cleaning)));
  return cleanObject(Object(value), cleaning);
};

const within = <Result>(cleaning: Cleaning, part: string | number, work: () => Result): Result => {
  cleaning.path.push(part);
  const result = work();
  cleaning.path.pop();
  return result;
};

const cleanObject = (object: object, cleaning: Cleaning): Json => {
  const entries = Object.entries(object).map(([key, item]): [string, Json] =>
    within(cleaning, key, () => {
      // A copy made with assignment would set the prototype of the copy instead of a member.
      if (key === '__proto__') fault(cleaning, 'is not a name that a member may have');
      return [cleanText(key, cleaning), cleanValue(item, cleaning)];
    }),
  );
  return Object.fromEntries(entries.filter(([key]) => key !== '__proto__'));
};

/** The same JSON text for the same value, whatever the order of its members. */
export const canonicalJson = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
