/**
 * What of a task the CLI, or the model behind it, would refuse or quietly leave out, told before anything is paid for.
 * Pure, and quick: it is asked with every submission.
 */
import { Ajv } from 'ajv';
import type { Task } from '../../core/agent.ts';
import type { FieldFault } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { hasPrice } from '../../core/pricing.ts';
import { argumentBytes, MAX_ARGUMENT_BYTES, settingsOf } from './command.ts';
import { compileFault } from './output-schema.ts';
import { impossibleIn } from './satisfiable.ts';
import { isSchemaObject } from './subschemas.ts';
import { toolSchemaOf } from './tool-schema.ts';

/** Names that the CLI makes full names of by itself. */
const ALIASES = /^(default|best|sonnet|opus|haiku|opusplan)(\[1m\])?$/;
/** What the service takes as a name of a tool's property, at the top. */
const PROPERTY = /^[a-zA-Z0-9_.-]{1,64}$/;

export interface CheckOptions {
  /** Only names of Claude models can be known; false behind an address of the operator's own, which may know others. */
  readonly onlyClaude: boolean;
}

const pointer = (path: readonly (string | number)[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const schemaFault = (path: readonly (string | number)[], message: string): FieldFault => ({
  pointer: `/outputSchema${pointer(path)}`,
  message,
});

/** What the validator of the CLI says; it drops such a schema without a word. */
const refusedByCli = (schema: JsonObject): FieldFault[] => {
  const ajv = new Ajv({ logger: false });
  const translated = toolSchemaOf(schema);
  if (ajv.validateSchema(translated) !== true) {
    // What follows the first are other ways in which the same part might have been valid.
    return (ajv.errors ?? []).slice(0, 1).map(({ instancePath, message }) => ({
      pointer: `/outputSchema${instancePath}`,
      message: `is no JSON Schema: ${message ?? 'it is not valid'}`,
    }));
  }
  try {
    ajv.compile(translated);
    return [];
  } catch (error) {
    return [
      schemaFault([], `cannot be used: ${error instanceof Error ? error.message.slice(0, 500) : 'it is not valid'}`),
    ];
  }
};

const checkSchema = (schema: JsonObject): FieldFault[] => {
  if (argumentBytes('json-schema', JSON.stringify(toolSchemaOf(schema))) > MAX_ARGUMENT_BYTES) {
    return [schemaFault([], `must have at most ${MAX_ARGUMENT_BYTES} bytes`)];
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'object'];
  if (types.length !== 1 || types[0] !== 'object') {
    return [schemaFault(['type'], 'must be "object": the model hands its output over as the input of a tool')];
  }
  const combining = ['anyOf', 'oneOf', 'allOf'].find((name) => schema[name] !== undefined);
  if (combining !== undefined) return [schemaFault([combining], 'cannot be at the top: put it below a property')];
  const names = isSchemaObject(schema.properties) ? Object.keys(schema.properties) : [];
  const badName = names.find((name) => !PROPERTY.test(name));
  if (badName !== undefined) {
    return [schemaFault(['properties', badName], 'must have a name of letters, digits, _ . and -, at most 64')];
  }
  const refused = refusedByCli(schema);
  if (refused.length > 0) return refused;
  const unusable = compileFault(schema);
  if (unusable !== null) return [schemaFault([], `cannot be used: ${unusable}`)];
  const impossible = impossibleIn({ type: 'object', ...schema });
  return impossible === null
    ? []
    : [schemaFault(impossible.path, `can be satisfied by no output: it ${impossible.why}`)];
};

const checkModel = ({ model, limits }: Task, { onlyClaude }: CheckOptions): FieldFault[] => {
  if (model === null || ALIASES.test(model)) return [];
  if (limits.maxBudgetUsd !== null && !hasPrice(model)) {
    return [{ pointer: '/model', message: 'has no known price, and limits.maxBudgetUsd needs one' }];
  }
  if (onlyClaude && !hasPrice(model) && !model.startsWith('claude-')) {
    return [{ pointer: '/model', message: 'is no model of the service: its names begin with "claude-"' }];
  }
  return [];
};

const toolOf = (rule: string): string => rule.replace(/\(.*$/s, '');

/** A denial wins over a permission, so a permission below it would mislead. */
const checkTools = ({ allowedTools, disallowedTools }: Task): FieldFault[] => {
  const denied = new Set(disallowedTools);
  return allowedTools.flatMap((rule, index) =>
    denied.has(rule) || denied.has(toolOf(rule))
      ? [{ pointer: `/allowedTools/${index}`, message: 'is in disallowedTools as well, which wins' }]
      : [],
  );
};

const checkSize = (task: Task): FieldFault[] =>
  argumentBytes('settings', JSON.stringify(settingsOf(task))) > MAX_ARGUMENT_BYTES
    ? [{ pointer: '/allowedTools', message: `and disallowedTools must have at most ${MAX_ARGUMENT_BYTES} bytes` }]
    : [];

/** Everything about `task` that could only fail; empty when nothing is known against it. */
export const checkTask = (task: Task, options: CheckOptions): readonly FieldFault[] => [
  ...(task.outputSchema === null ? [] : checkSchema(task.outputSchema)),
  ...checkModel(task, options),
  ...checkTools(task),
  ...checkSize(task),
];
