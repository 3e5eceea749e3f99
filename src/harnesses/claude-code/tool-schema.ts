/**
 * The output schema as the CLI gets it. The CLI compiles it with a strict validator of draft-07 that knows no format; a
 * schema that it cannot compile is dropped without a word, and the run is paid for and ends without its output. So what
 * it does not know goes into the description, in which the model reads it; the output is held to the whole schema here.
 */
import type { JsonObject } from '../../core/json.ts';
import { mapSubschemas } from './subschemas.ts';

/** Keywords that Ajv 8 knows in strict mode, without plug-ins. */
const KNOWN = new Set([
  ...['$id', '$ref', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples', 'deprecated'],
  ...['readOnly', 'writeOnly', 'contentMediaType', 'contentEncoding', 'type', 'nullable', 'enum', 'const', 'not'],
  ...['multipleOf', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'pattern'],
  ...['items', 'additionalItems', 'maxItems', 'minItems', 'uniqueItems', 'contains', 'maxProperties', 'minProperties'],
  ...['required', 'properties', 'patternProperties', 'additionalProperties', 'dependencies', 'propertyNames'],
  ...['if', 'then', 'else', 'allOf', 'anyOf', 'oneOf'],
]);

const isKnown = (schema: JsonObject, name: string): boolean => {
  // An `if` without consequences, and consequences without an `if`, are errors of the strict mode.
  if (name === 'if') return 'then' in schema || 'else' in schema;
  if (name === 'then' || name === 'else') return 'if' in schema;
  return KNOWN.has(name);
};

const translate = (schema: JsonObject): JsonObject => {
  const entries = Object.entries(schema).filter(([name]) => name !== '$schema');
  const known = Object.fromEntries(entries.filter(([name]) => isKnown(schema, name)));
  const others = entries.filter(([name]) => !isKnown(schema, name));
  const inner = mapSubschemas(known, translate);
  if (others.length === 0) return inner;
  const told = `JSON Schema: ${JSON.stringify(Object.fromEntries(others))}`;
  const { description } = inner;
  return { ...inner, description: typeof description === 'string' ? `${description}\n${told}` : told };
};

/** The schema for `--json-schema`. A tool's input is an object, so its root says so. */
export const toolSchemaOf = (schema: JsonObject): JsonObject => {
  const translated = translate(schema);
  return translated.type === undefined ? { type: 'object', ...translated } : translated;
};
