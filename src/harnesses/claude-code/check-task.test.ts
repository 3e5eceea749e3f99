import { describe, expect, it } from 'vitest';
import type { Task } from '../../core/agent.ts';
import { DEFAULT_LIMITS } from '../../core/limits.ts';
import { checkTask } from './check-task.ts';
import { toolSchemaOf } from './tool-schema.ts';

const PLAIN: Task = {
  prompt: 'p',
  model: null,
  permissionMode: 'acceptEdits',
  allowedTools: [],
  disallowedTools: [],
  requiredPackages: [],
  mcpServers: {},
  outputSchema: null,
  limits: DEFAULT_LIMITS,
  network: { allow: [] },
  source: null,
};
const faultsOf = (task: Partial<Task>, onlyClaude = true) =>
  checkTask({ ...PLAIN, ...task }, { onlyClaude }).map(({ pointer, message }) => `${pointer} ${message}`);
const budget = { ...DEFAULT_LIMITS, maxBudgetUsd: 1 };
const object = (a: object) => ({ outputSchema: { type: 'object', properties: { a: { ...a } } } });

describe('a task that could only fail', () => {
  it.each<[string, Partial<Task>, RegExp]>([
    ['a schema that is none', object({ type: 'objct' }), /^\/outputSchema\/properties\/a\/type is no JSON Schema: /],
    ['a reference to nothing', object({ $ref: '#/no' }), /^\/outputSchema cannot be used: can't resolve reference/],
    ['a broken pattern', object({ type: 'string', pattern: '(' }), /^\/outputSchema/],
    ['an output that is no object', { outputSchema: { type: 'array' } }, /^\/outputSchema\/type must be "object"/],
    ['an output that need not be one', { outputSchema: { type: ['object', 'null'] } }, /^\/outputSchema\/type must be/],
    ['a choice at the top', { outputSchema: { anyOf: [{}] } }, /^\/outputSchema\/anyOf cannot be at the top/],
    [
      'a name that no tool has',
      { outputSchema: { properties: { 'a/b': {} } } },
      /^\/outputSchema\/properties\/a~1b must/,
    ],
    [
      'an output that cannot be',
      { outputSchema: { required: ['a'], properties: { a: { enum: ['x'], type: 'number' } } } },
      /^\/outputSchema\/properties\/a can be satisfied by no output/,
    ],
    ['a schema that is too large', object({ description: 'x'.repeat(127_000) }), /^\/outputSchema must have at most/],
    ['rules that are too large', { allowedTools: Array(300).fill(`Bash(${'x'.repeat(500)})`) }, /^\/allowedTools and/],
    ['a model of somebody else', { model: 'sonnett' }, /^\/model is no model of the service/],
    ['a model without a price, and a budget', { model: 'claude-x-9', limits: budget }, /^\/model has no known price/],
    [
      'a tool that is denied',
      { allowedTools: ['Read', 'Bash'], disallowedTools: ['Bash'] },
      /^\/allowedTools\/1 is in/,
    ],
    ['a rule of a denied tool', { allowedTools: ['Bash(ls)'], disallowedTools: ['Bash'] }, /^\/allowedTools\/0 is in/],
  ])('is told apart: %s', (_, task, fault) => {
    expect(faultsOf(task)).toEqual([expect.stringMatching(fault)]);
  });

  it.each<[string, Partial<Task>, boolean]>([
    ['nothing special', {}, true],
    ['an alias', { model: 'opus[1m]', limits: budget }, true],
    ['a model that is newer than this table', { model: 'claude-sonnet-9' }, true],
    ['a model of a service of the operator', { model: 'my-own' }, false],
    ['a part of a tool denied', { allowedTools: ['Bash'], disallowedTools: ['Bash(rm:*)'] }, true],
    ['formats and a later dialect', object({ type: 'string', format: 'email', minContains: 1 }), true],
    ['a schema without a type', { outputSchema: { properties: { a: {} } } }, true],
  ])('is not suspected: %s', (_, task, onlyClaude) => {
    expect(faultsOf(task, onlyClaude)).toEqual([]);
  });
});

describe('the schema for the CLI', () => {
  it('tells in words what its validator does not know, wherever it stands, and keeps the rest', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      properties: {
        format: { type: 'string', format: 'date', description: 'When.' },
        list: { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'string', format: 'uri' } },
      },
      if: { required: ['list'] },
      enum: [{ format: 'kept' }],
    };
    expect(toolSchemaOf(schema)).toEqual({
      type: 'object',
      properties: {
        format: { type: 'string', description: 'When.\nJSON Schema: {"format":"date"}' },
        list: {
          type: 'array',
          items: { type: 'string', description: 'JSON Schema: {"format":"uri"}' },
          description: 'JSON Schema: {"prefixItems":[{"type":"string"}]}',
        },
      },
      enum: [{ format: 'kept' }],
      description: 'JSON Schema: {"if":{"required":["list"]}}',
    });
  });
});
