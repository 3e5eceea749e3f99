/** Where a JSON Schema has schemas in it. */
import type { Json, JsonObject } from '../../core/json.ts';

const ONE = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'items',
] as const;
const LISTS = ['allOf', 'anyOf', 'oneOf', 'items'] as const;
const MAPS = ['properties', 'patternProperties', 'definitions', '$defs', 'dependencies'] as const;

export const isSchemaObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapValues = (object: JsonObject, change: (value: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

/** The schema with each schema directly in it changed, draft-07's places for them. */
export const mapSubschemas = (schema: JsonObject, change: (inner: JsonObject) => JsonObject): JsonObject => {
  const at = (value: Json): Json => (isSchemaObject(value) ? change(value) : value);
  const has = (names: readonly string[], name: string): boolean => names.includes(name);
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => {
      if (Array.isArray(value)) return [name, has(LISTS, name) ? value.map(at) : value];
      if (!isSchemaObject(value)) return [name, value];
      if (has(MAPS, name)) return [name, mapValues(value, at)];
      return [name, has(ONE, name) ? change(value) : value];
    }),
  );
};
