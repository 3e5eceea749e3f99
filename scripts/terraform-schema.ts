/**
 * `npm run terraform:schema`: what the Google provider for Terraform knows of the resources in deploy/terraform, as a
 * small file for the tests. The provider itself cannot be had from a package registry; the type declarations of its
 * binding can, and name every argument. They are 300 MB, so they are fetched here, and are no dependency of the project.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Argument, Arguments, ProviderSchema, ValueType } from '../test/support/terraform/schema.ts';

const BINDING = '@cdktf/provider-google@16.12.1';
const ROOT = resolve(import.meta.dirname, '..');
const TERRAFORM = join(ROOT, 'deploy/terraform');
const OUT = join(ROOT, 'test/support/terraform/provider-schema.json');

const TYPES: Readonly<Record<string, ValueType>> = {
  string: 'string',
  number: 'number',
  'boolean | cdktf.IResolvable': 'bool',
  'string[]': 'list',
  'number[]': 'list',
};

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const interfacesIn = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/^export interface (\w+)(?: extends [\w.]+)? \{\n([\s\S]*?)^\}/gm)].map(
      ([, name = '', body = '']) => [name, body],
    ),
  );

const argumentsOf = (interfaces: ReadonlyMap<string, string>, name: string): Arguments => {
  const body = interfaces.get(name);
  if (body === undefined) throw new Error(`There is no interface ${name}.`);
  const properties = body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*readonly (\w+)(\??): (\{[^}]*\}|[^;]+);/g);
  return Object.fromEntries(
    [...properties].map(([, comment = '', property = '', optional, type = '']) => {
      const key = /#([a-z0-9_]+) /.exec(comment)?.[1] ?? snake(property);
      return [key, argumentOf(interfaces, type, optional === '')];
    }),
  );
};

const argumentOf = (interfaces: ReadonlyMap<string, string>, type: string, required: boolean): Argument => {
  const known = type.startsWith('{') ? 'map' : TYPES[type];
  if (known !== undefined) return { type: known, required };
  const struct = /^(\w+)(\[\] \| cdktf\.IResolvable|\[\])?$/.exec(type);
  if (struct?.[1] === undefined) throw new Error(`There is no rule for the type ${type}.`);
  return { block: argumentsOf(interfaces, struct[1]), many: struct[2] !== undefined, required };
};

const resourceIn = (lib: string, address: string) => {
  const folder = address
    .replace('data.google_', 'data-google-')
    .replace(/^google_/, '')
    .replaceAll('_', '-');
  const text = readFileSync(join(lib, folder, 'index.d.ts'), 'utf8');
  const name = /^export interface (\w+)Config extends cdktf\.TerraformMetaArguments/m.exec(text)?.[1];
  if (name === undefined) throw new Error(`${address} has no configuration.`);
  const own = text.slice(text.indexOf(`export declare class ${name} extends`));
  return {
    arguments: argumentsOf(interfacesIn(text), `${name}Config`),
    attributes: [...own.matchAll(/^ {4}get (\w+)\(/gm)].map(([, getter = '']) => snake(getter)).filter(isAttribute),
  };
};

const isAttribute = (name: string): boolean => !name.endsWith('_input');

const used = (): string[] => {
  const text = readdirSync(TERRAFORM)
    .filter((name) => name.endsWith('.tf'))
    .map((name) => readFileSync(join(TERRAFORM, name), 'utf8'))
    .join('\n');
  const blocks = text.matchAll(/^(resource|data) "(google_\w+)"/gm);
  return [...new Set([...blocks].map(([, kind, type = '']) => (kind === 'data' ? `data.${type}` : type)))].sort();
};

const folder = mkdtempSync(join(tmpdir(), 'slipway-provider-'));
try {
  execFileSync('npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--legacy-peer-deps', BINDING], {
    stdio: 'inherit',
  });
  const lib = join(folder, 'node_modules/@cdktf/provider-google/lib');
  const version = /providers\/hashicorp\/google\/([\d.]+)\/docs/.exec(
    readFileSync(join(lib, 'firestore-field/index.d.ts'), 'utf8'),
  )?.[1];
  const schema: ProviderSchema = {
    binding: BINDING,
    provider: version ?? '',
    resources: Object.fromEntries(used().map((address) => [address, resourceIn(lib, address)])),
  };
  writeFileSync(OUT, `${JSON.stringify(schema)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
