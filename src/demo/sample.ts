/** Makes the smallest value that a JSON Schema allows, as far as its plain keywords go. */
import type { Json } from '../core/json.ts';
import { isObject } from './scenario.ts';

const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

const DEPTH = 16;

/** `schema` is what a tool offers as `input_schema`; an unknown or endless schema gives null. */
export const sampleOf = (schema: unknown, name = 'value', depth = 0): Json => {
  if (!isObject(schema) || depth > DEPTH) return null;
  if ('const' in schema) return jsonOf(schema.const);
  if (Array.isArray(schema.enum)) return jsonOf(schema.enum[0]);
  for (const list of [schema.anyOf, schema.oneOf, schema.allOf]) {
    if (Array.isArray(list)) return sampleOf({ ...schema, anyOf: 0, oneOf: 0, allOf: 0, ...list[0] }, name, depth + 1);
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object' || isObject(schema.properties)) return sampleObject(schema, depth);
  if (type === 'array') {
    return Array.from({ length: number(schema.minItems) }, () => sampleOf(schema.items, name, depth + 1));
  }
  if (type === 'number' || type === 'integer') return number(schema.minimum);
  if (type === 'boolean') return true;
  if (type === 'null') return null;
  return `demo ${name}`.padEnd(number(schema.minLength), '.');
};

const sampleObject = (schema: Record<string, unknown>, depth: number): Json => {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : Object.keys(properties);
  return Object.fromEntries(required.map((key) => [key, sampleOf(properties[key], key, depth + 1)]));
};

const jsonOf = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null));
