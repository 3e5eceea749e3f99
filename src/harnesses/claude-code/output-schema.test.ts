import { describe, expect, it } from 'vitest';
import { schemaFault } from './output-schema.ts';

describe('schemaFault', () => {
  it.each([
    ['nothing wrong', { type: 'object', required: ['a'] }, { a: 1 }, null],
    ['a missing property', { type: 'object', required: ['a'] }, {}, /must have required property 'a'/],
    [
      '2020-12 tuples',
      { prefixItems: [{ type: 'string' }], items: false },
      ['a', 1],
      /must NOT have more than 1 items/,
    ],
    ['its dialect named', { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'string' }, 'a', null],
    [
      'draft-07 tuples',
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] },
      [1],
      /must be string/,
    ],
    ['2019-09', { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'string' }, 1, /must be string/],
    ['a format', { type: 'string', format: 'date' }, '2026-13-01', /must match format "date"/],
    ['an unknown keyword and format', { type: 'string', format: 'x-shout', 'x-note': 1 }, 'a', null],
    ['null where null is allowed', { type: ['string', 'null'] }, null, null],
    ['a local reference', { $defs: { a: { type: 'integer' } }, $ref: '#/$defs/a' }, 1.5, /must be integer/],
    ['a schema that is none', { type: 'nonsense' }, 'a', /schema could not be applied/],
    ['a reference to elsewhere', { $ref: 'https://example.com/other.json' }, 'a', /schema could not be applied/],
    ['a broken pattern', { type: 'string', pattern: '(' }, 'a', /schema could not be applied/],
  ] as const)('tells of %s', (_, schema, value, fault) => {
    const told = schemaFault(schema, value);
    if (fault === null) expect(told).toBeNull();
    else expect(told).toMatch(fault);
  });

  it('ends a pattern that backtracks without end', () => {
    const schema = { type: 'string', pattern: '^(a+)+$' };
    expect(schemaFault(schema, `${'a'.repeat(60)}!`)).toMatch(/timed out/);
  });
});
