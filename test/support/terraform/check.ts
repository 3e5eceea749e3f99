/**
 * What `terraform validate` would say of names, types and references, as far as that can be known without the provider:
 * wrong, missing and mistyped arguments, and references to what there is not.
 */
import type { Block, Body, Configuration } from './configuration.ts';
import type { Argument, Arguments, ProviderSchema } from './schema.ts';

/** What Terraform itself knows in every resource. */
const META = new Set(['count', 'for_each', 'depends_on', 'lifecycle', 'provider', 'dynamic']);

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);
const isExpression = (value: unknown): boolean => typeof value === 'string' && value.includes('${');

/** Every problem, one line each. */
export const checkConfiguration = (configuration: Configuration, schema: ProviderSchema): string[] => [
  ...configuration.blocks.flatMap((block) => checkBlock(block, schema)),
  ...checkReferences(configuration, schema),
];

const checkBlock = (block: Block, schema: ProviderSchema): string[] => {
  const at = `${block.file}: ${block.type}.${block.name}`;
  const known = schema.resources[block.type];
  if (known === undefined) return [`${at}: the schema has no ${block.type}; npm run terraform:schema`];
  return checkBody(block.body, known.arguments, at, META);
};

const checkBody = (body: Body, known: Arguments, at: string, meta: ReadonlySet<string>): string[] => {
  const problems: string[] = [];
  const dynamic = dynamicBlocks(body);
  for (const [name, value] of [...Object.entries(body), ...dynamic]) {
    if (meta.has(name)) continue;
    const argument = known[name];
    if (argument === undefined) problems.push(`${at}: there is no ${name}`);
    else problems.push(...checkValue(value, argument, `${at}.${name}`));
  }
  const given = new Set([...Object.keys(body), ...dynamic.map(([name]) => name)]);
  for (const [name, { required }] of Object.entries(known)) {
    if (required && !given.has(name)) problems.push(`${at}: ${name} is missing`);
  }
  return problems;
};

/** `dynamic "x" { content { … } }` as what it makes. */
const dynamicBlocks = (body: Body): [string, unknown][] => {
  if (!isBody(body.dynamic)) return [];
  return Object.entries(body.dynamic).map(([name, blocks]) => [
    name,
    (Array.isArray(blocks) ? blocks : []).flatMap((block) => (isBody(block) ? block.content : [])),
  ]);
};

const INNER_META = new Set(['dynamic']);

const checkValue = (value: unknown, argument: Argument, at: string): string[] => {
  if ('block' in argument) {
    if (!Array.isArray(value) || !value.every(isBody)) return [`${at}: has to be a block`];
    if (!argument.many && value.length > 1) return [`${at}: can be there only once`];
    return value.flatMap((one) => checkBody(one, argument.block, at, INNER_META));
  }
  if (isExpression(value) || fits(value, argument.type)) return [];
  return [`${at}: has to be a ${argument.type}`];
};

const fits = (value: unknown, type: string): boolean => {
  if (type === 'list') return Array.isArray(value) && !value.some(isBody);
  if (type === 'map') return isBody(value);
  if (type === 'bool') return value === true || value === false;
  if (type === 'number') return typeof value === 'number';
  return typeof value === 'string';
};

const checkReferences = ({ blocks, variables, locals, outputs }: Configuration, schema: ProviderSchema): string[] => {
  const problems = new Set<string>();
  const declared = new Set(blocks.map(({ type, name }) => `${type}.${name}`));
  const used = new Set<string>();
  const look = (text: string, at: string): void => {
    for (const [, kind = '', name = ''] of text.matchAll(/\b(var|local)\.(\w+)/g)) {
      used.add(`${kind}.${name}`);
      if (!(kind === 'var' ? variables : locals).has(name)) problems.add(`${at}: there is no ${kind}.${name}`);
    }
    const references = text.matchAll(/\b((?:data\.)?google_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?/g);
    for (const [, type = '', name = '', attribute] of references) {
      if (!declared.has(`${type}.${name}`)) problems.add(`${at}: there is no ${type}.${name}`);
      else if (attribute !== undefined && schema.resources[type]?.attributes.includes(attribute) === false) {
        problems.add(`${at}: ${type} has no attribute ${attribute}`);
      }
    }
  };
  for (const { file, type, name, body } of blocks) everyText(body, (text) => look(text, `${file}: ${type}.${name}`));
  for (const [name, value] of locals) everyText(value, (text) => look(text, `local.${name}`));
  for (const [name, body] of outputs) everyText(body, (text) => look(text, `output.${name}`));
  for (const [name, body] of variables) everyText(body, (text) => look(text, `var.${name}`));
  // The provider's own block names these two.
  for (const name of ['project', 'region']) used.add(`var.${name}`);
  for (const name of variables.keys()) if (!used.has(`var.${name}`)) problems.add(`var.${name} is never used`);
  for (const name of locals.keys()) if (!used.has(`local.${name}`)) problems.add(`local.${name} is never used`);
  return [...problems];
};

/** Expressions stand in `${…}`, also where a key is one. */
const everyText = (value: unknown, look: (text: string) => void): void => {
  if (typeof value === 'string' && value.includes('${')) look(value);
  else if (Array.isArray(value)) for (const one of value) everyText(one, look);
  else if (isBody(value)) {
    for (const [key, one] of Object.entries(value)) {
      if (key.includes('${')) look(key);
      everyText(one, look);
    }
  }
};
