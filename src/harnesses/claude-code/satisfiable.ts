/**
 * Whether a JSON Schema can be satisfied at all, as far as that can be told without trying: what it calls impossible is
 * impossible, what it lets pass need not be possible.
 */
import type { Json, JsonObject } from '../../core/json.ts';
import { isSchemaObject } from './subschemas.ts';

/** What nothing can satisfy: where in the schema, as a path, and why. */
export interface Impossible {
  readonly path: readonly (string | number)[];
  readonly why: string;
}

type Path = readonly (string | number)[];

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string'] as const;
type Type = (typeof TYPES)[number];

const typeOf = (value: Json): Type => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return TYPES.find((type) => typeof value === type) ?? 'object';
};

const number = (value: Json | undefined): number | null => (typeof value === 'number' ? value : null);

/** Pairs of keywords of which the first must not be above the second, and the type that they are about. */
const BOUNDS: readonly (readonly [string, string, Type, boolean])[] = [
  ['minLength', 'maxLength', 'string', false],
  ['minItems', 'maxItems', 'array', false],
  ['minProperties', 'maxProperties', 'object', false],
  ['minimum', 'maximum', 'number', false],
  ['exclusiveMinimum', 'maximum', 'number', true],
  ['minimum', 'exclusiveMaximum', 'number', true],
  ['exclusiveMinimum', 'exclusiveMaximum', 'number', true],
];

const typesOf = (schema: JsonObject): readonly Type[] => {
  const given = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? TYPES : [schema.type];
  const named = given.map((type) => (type === 'integer' ? 'number' : type));
  const fixed = 'const' in schema ? [schema.const ?? null] : Array.isArray(schema.enum) ? schema.enum : null;
  return TYPES.filter((type) => named.includes(type) && (fixed?.some((value) => typeOf(value) === type) ?? true));
};

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** Makes the check of one document, whose local references it follows. */
const createCheck = (root: JsonObject) => {
  /** References that are being followed: who needs itself to be there first is in no finite value. */
  const following = new Set<string>();

  const pointedAt = (reference: string): Json | undefined => {
    if (reference !== '#' && !reference.startsWith('#/')) return undefined;
    let found: Json | undefined = root;
    for (const part of reference.split('/').slice(1)) {
      const name = unescaped(part);
      found = isSchemaObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    }
    return found;
  };

  const followed = (reference: string, path: Path): Impossible | null => {
    const target = pointedAt(reference);
    if (target === undefined) return null;
    if (following.has(reference)) return { path, why: 'needs itself within itself, without end' };
    following.add(reference);
    const found = check(target, reference.split('/').slice(1).map(unescaped));
    following.delete(reference);
    return found;
  };

  const required = (schema: JsonObject, path: Path): Impossible | null => {
    const names = Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [];
    const most = number(schema.maxProperties);
    if (most !== null && new Set(names).size > most) return { path, why: `requires more than its ${most} properties` };
    const properties = isSchemaObject(schema.properties) ? schema.properties : {};
    for (const name of names) {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const found = own === undefined ? null : check(own, [...path, 'properties', name]);
      if (found !== null) return found;
      if (own === undefined && schema.additionalProperties === false && schema.patternProperties === undefined) {
        return { path, why: `requires ${JSON.stringify(name)} and forbids it` };
      }
    }
    return null;
  };

  const items = (schema: JsonObject, path: Path): Impossible | null => {
    const needed = (number(schema.minItems) ?? 0) > 0 && schema.prefixItems === undefined;
    if (!needed || schema.items === undefined || Array.isArray(schema.items)) return null;
    return check(schema.items, [...path, 'items']);
  };

  const bounds = (schema: JsonObject, type: Type, path: Path): Impossible | null => {
    for (const [low, high, of, strict] of BOUNDS) {
      const [least, most] = [number(schema[low]), number(schema[high])];
      if (of !== type || least === null || most === null) continue;
      if (least > most || (strict && least === most)) return { path, why: `has ${low} ${least} and ${high} ${most}` };
    }
    return null;
  };

  const asType = (schema: JsonObject, type: Type, path: Path): Impossible | null =>
    bounds(schema, type, path) ??
    (type === 'object' ? required(schema, path) : type === 'array' ? items(schema, path) : null);

  const combined = (schema: JsonObject, path: Path): Impossible | null => {
    if (Array.isArray(schema.allOf)) {
      for (const [index, part] of schema.allOf.entries()) {
        const found = check(part, [...path, 'allOf', index]);
        if (found !== null) return found;
      }
    }
    for (const name of ['anyOf', 'oneOf'] as const) {
      const parts = schema[name];
      if (!Array.isArray(parts) || parts.length === 0) continue;
      const found = parts.map((part, index) => check(part, [...path, name, index]));
      if (found.every((each) => each !== null)) return found[0] ?? null;
    }
    return null;
  };

  const check = (schema: Json, path: Path): Impossible | null => {
    if (schema === false) return { path, why: 'is false, which nothing satisfies' };
    if (!isSchemaObject(schema)) return null;
    if (schema.not === true || (isSchemaObject(schema.not) && Object.keys(schema.not).length === 0)) {
      return { path: [...path, 'not'], why: 'forbids everything' };
    }
    if (Array.isArray(schema.enum) && schema.enum.length === 0) return { path, why: 'has an empty enum' };
    const types = typesOf(schema);
    if (types.length === 0) return { path, why: 'has a type that none of its values is of' };
    const wrong = types.map((type) => asType(schema, type, path));
    if (wrong.every((each) => each !== null)) return wrong[0] ?? null;
    const found = combined(schema, path);
    if (found !== null) return found;
    return typeof schema.$ref === 'string' ? followed(schema.$ref, path) : null;
  };
  return check;
};

/** Where and why nothing can satisfy `schema`; null when something may. */
export const impossibleIn = (schema: JsonObject): Impossible | null => createCheck(schema)(schema, []);
