import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.ts';
import { impossibleIn } from './satisfiable.ts';

const having = (a: JsonObject | boolean, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  required: ['a'],
  properties: { a },
  ...more,
});

describe('a schema that nothing satisfies', () => {
  it.each<[string, JsonObject, string, RegExp]>([
    ['a required property that is false', having(false), 'properties/a', /is false/],
    ['an empty enum', having({ enum: [] }), 'properties/a', /empty enum/],
    ['values of another type', having({ type: 'string', enum: [1, null] }), 'properties/a', /none of its values/],
    ['a constant of another type', having({ type: 'array', const: {} }), 'properties/a', /none of its values/],
    ['numbers that do not meet', having({ type: 'number', minimum: 2, maximum: 1 }), 'properties/a', /minimum 2/],
    [
      'an open end at the same number',
      having({ type: 'integer', exclusiveMinimum: 1, maximum: 1 }),
      'properties/a',
      /1/,
    ],
    ['lengths that do not meet', having({ type: 'string', minLength: 5, maxLength: 4 }), 'properties/a', /minLength 5/],
    ['items that are impossible', having({ type: 'array', minItems: 1, items: false }), 'properties/a/items', /false/],
    ['what is required and forbidden', { type: 'object', required: ['b'], additionalProperties: false }, '', /"b"/],
    ['more than there may be', { type: 'object', required: ['a', 'b'], maxProperties: 1 }, '', /more than its 1/],
    ['not anything', having({ not: {} }), 'properties/a/not', /forbids everything/],
    ['one of nothing', having({ anyOf: [false, { enum: [] }] }), 'properties/a/anyOf/0', /false/],
    ['all of something impossible', having({ allOf: [{}, false] }), 'properties/a/allOf/1', /false/],
    ['itself within itself', having({ $ref: '#' }), 'properties/a', /without end/],
    ['a reference to it', having({ $ref: '#/$defs/no' }, { $defs: { no: { enum: [] } } }), '$defs/no', /empty/],
  ])('is found: %s', (_, schema, path, why) => {
    const found = impossibleIn(schema);
    expect(found?.path.join('/')).toBe(path);
    expect(found?.why).toMatch(why);
  });
});

describe('a schema that something satisfies', () => {
  it.each<[string, JsonObject]>([
    ['anything', {}],
    ['an optional property that is false', { type: 'object', properties: { a: false } }],
    ['bounds of a type that it need not be', having({ type: ['number', 'null'], minimum: 2, maximum: 1 })],
    ['bounds that meet', having({ type: 'number', minimum: 1, maximum: 1 })],
    ['a list that may be empty', having({ type: 'array', items: false })],
    ['a recursion with an end', having({ anyOf: [{ type: 'null' }, { $ref: '#' }] })],
    [
      'the same reference twice',
      having({ $ref: '#/$defs/t' }, { required: ['a', 'b'], $defs: { t: { type: 'string' } } }),
    ],
    ['one possible choice', having({ oneOf: [false, { type: 'string' }] })],
    [
      'a pattern that may cover what is required',
      { required: ['ab'], patternProperties: { a: {} }, additionalProperties: false },
    ],
    ['a reference to elsewhere', having({ $ref: 'other.json' })],
    ['a property named as a method is', { type: 'object', required: ['constructor'], properties: {} }],
  ])('is let pass: %s', (_, schema) => {
    expect(impossibleIn(schema)).toBeNull();
  });
});
