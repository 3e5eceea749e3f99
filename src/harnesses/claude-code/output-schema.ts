/** Checks structured output against the task's JSON Schema, within a time that no pattern can stretch. */
import { runInNewContext } from 'node:vm';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Json, JsonObject } from '../../core/json.ts';

const MOST_MS = 2_000;

const OPTIONS = { strict: false, allErrors: false, validateFormats: true, logger: false } as const;

const validatorFor = (schema: JsonObject): Ajv | Ajv2019 | Ajv2020 => {
  const draft = typeof schema.$schema === 'string' ? schema.$schema : '';
  if (/draft-0[67]/.test(draft)) return new Ajv(OPTIONS);
  return draft.includes('2019-09') ? new Ajv2019(OPTIONS) : new Ajv2020(OPTIONS);
};

const compiled = (schema: JsonObject) => {
  const { $schema: _, ...rest } = schema;
  const validator = validatorFor(schema);
  formats.default(validator);
  return { validator, validate: validator.compile(rest) };
};

/** Why `schema` cannot be applied to anything; null when it can. */
export const compileFault = (schema: JsonObject): string | null => {
  try {
    compiled(schema);
    return null;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, 500);
  }
};

const faultOf = (schema: JsonObject, value: Json): string | null => {
  const { validator, validate } = compiled(schema);
  if (validate(value)) return null;
  return validator.errorsText(validate.errors, { dataVar: 'output' });
};

/**
 * What is wrong with `value`; null when it satisfies the schema. A schema that cannot be used is satisfied by nothing.
 * Schema and value are strangers' words and may hold a regular expression that backtracks without end, which only the
 * time limit of `node:vm` can interrupt.
 */
export const schemaFault = (schema: JsonObject, value: Json): string | null => {
  try {
    const fault: unknown = runInNewContext('check()', { check: () => faultOf(schema, value) }, { timeout: MOST_MS });
    return fault === null ? null : String(fault).slice(0, 2_000);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `the output schema could not be applied: ${reason.slice(0, 1_000)}`;
  }
};
