import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ERROR_MEANINGS } from './errors.ts';
import { openApiDocument, operationList, refusalsOf } from './openapi.ts';

const fileOf = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

it('openapi.json is what the sources make (else: node scripts/openapi.ts)', async () => {
  const { version }: { version: string } = JSON.parse(await fileOf('package.json'));
  expect(await fileOf('openapi.json')).toBe(`${JSON.stringify(openApiDocument(version), null, 2)}\n`);
});

describe('the document', () => {
  const document = openApiDocument('1.0.0');
  const text = JSON.stringify(document);

  it('refers to nothing that it does not hold', () => {
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(document.components.schemas).toHaveProperty([name ?? '']);
    expect(text.match(/"\$ref":"(?!#\/components\/schemas\/)/)).toBeNull();
  });

  it('holds nothing of how schemas are made', () => {
    expect(text).not.toMatch(/"\$schema"|"\$id"|__shared|"~/);
  });

  it('has one id for each operation, and every parameter of each path', () => {
    expect(new Set(operationList.map(({ id }) => id)).size).toBe(operationList.length);
    for (const { path, method } of operationList) {
      const { parameters } = document.paths[path]?.[method] ?? {};
      const named = Array.isArray(parameters) ? parameters.filter(({ in: where }) => where === 'path') : [];
      expect(named.map(({ name }) => `{${name}}`).join()).toBe((path.match(/\{\w+\}/g) ?? []).join());
    }
  });

  it.each(operationList.map((operation) => [operation.id, operation] as const))(
    '%s says how it refuses',
    (_id, operation) => {
      const { responses } = document.paths[operation.path]?.[operation.method] ?? {};
      for (const code of refusalsOf(operation)) expect(responses).toHaveProperty(String(ERROR_MEANINGS[code].status));
      for (const status of Object.keys(operation.answers)) expect(responses).toHaveProperty(status);
    },
  );

  it.each(operationList.filter(({ body }) => body !== null).map((operation) => [operation.id, operation] as const))(
    '%s has examples that it would take, where it takes any field',
    (_id, { body, bodyName, examples = {} }) => {
      expect(Object.keys(examples).length > 0).toBe(bodyName !== 'NoFields');
      for (const example of Object.values(examples)) expect(body?.safeParse(example).error).toBeUndefined();
    },
  );

  it('tells which fields must be given, and what the others are when they are not', () => {
    const { AgentCreate } = document.components.schemas;
    expect(AgentCreate).toMatchObject({
      required: ['name', 'prompt'],
      additionalProperties: false,
      properties: { permissionMode: { default: 'acceptEdits' }, allowedTools: { default: [] } },
    });
  });
});
