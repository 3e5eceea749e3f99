/** What a source file imports, exports and reads, taken from its syntax tree. */
import { parseSync } from 'oxc-parser';

/** `type` imports vanish before the program runs; `dynamic` ones load when they are reached. */
export type ImportKind = 'static' | 'type' | 'dynamic';

export interface Import {
  readonly kind: ImportKind;
  /** Null when the name is computed, so that nobody can tell what is imported. */
  readonly specifier: string | null;
}

export interface Source {
  readonly imports: readonly Import[];
  readonly hasDefaultExport: boolean;
  readonly readsEnvironment: boolean;
  /** Globals that answer differently each time: `Date.now`, `new Date()`, `Math.random`, … */
  readonly ambient: readonly string[];
  /** Why it could not be parsed; empty when it could. */
  readonly faults: readonly string[];
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const walk = function* (value: unknown): Generator<Node> {
  if (!isNode(value)) return;
  if (typeof value.type === 'string') yield value;
  for (const child of Object.values(value)) yield* walk(child);
};

const textOf = (value: unknown): string | null => {
  if (!isNode(value)) return null;
  if (value.type === 'Literal') return typeof value.value === 'string' ? value.value : null;
  if (value.type === 'TemplateLiteral' && Array.isArray(value.quasis) && value.quasis.length === 1) {
    const [only]: unknown[] = value.quasis;
    return isNode(only) && isNode(only.value) && typeof only.value.cooked === 'string' ? only.value.cooked : null;
  }
  return null;
};

/** `a`, `a.b` or `a['b']` as text; null for anything else. */
const pathOf = (value: unknown): string | null => {
  if (!isNode(value)) return null;
  if (value.type === 'Identifier') return typeof value.name === 'string' ? value.name : null;
  if (value.type !== 'MemberExpression') return null;
  const object = pathOf(value.object);
  const property = value.computed === true ? textOf(value.property) : pathOf(value.property);
  return object === null || property === null ? null : `${object}.${property}`.replace(/^globalThis\./, '');
};

const isTypeOnly = (node: Node): boolean => {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  if (!Array.isArray(node.specifiers) || node.specifiers.length === 0) return false;
  return node.specifiers.every((one) => isNode(one) && (one.importKind === 'type' || one.exportKind === 'type'));
};

const importOf = (node: Node): Import | null => {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      if (!isNode(node.source)) return null;
      return { kind: isTypeOnly(node) ? 'type' : 'static', specifier: textOf(node.source) };
    case 'ImportExpression':
      return { kind: 'dynamic', specifier: textOf(node.source) };
    case 'TSImportType':
      return { kind: 'type', specifier: textOf(node.source) };
    case 'TSExternalModuleReference':
      return { kind: 'static', specifier: textOf(node.expression) };
    case 'CallExpression': {
      const [first] = Array.isArray(node.arguments) ? node.arguments : [];
      return pathOf(node.callee) === 'require' ? { kind: 'static', specifier: textOf(first) } : null;
    }
    default:
      return null;
  }
};

const AMBIENT = [
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'process.hrtime',
];

const ambientOf = (node: Node): string | null => {
  if (node.type === 'MemberExpression') {
    const path = pathOf(node);
    return path !== null && AMBIENT.includes(path) ? path : null;
  }
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return null;
  if (pathOf(node.callee) !== 'Date') return null;
  if (node.type === 'CallExpression') return 'Date()';
  return Array.isArray(node.arguments) && node.arguments.length === 0 ? 'new Date()' : null;
};

/** Whether a pattern such as `{ env }` takes a property called `name`. */
const takes = (pattern: unknown, name: string): boolean =>
  isNode(pattern) &&
  Array.isArray(pattern.properties) &&
  pattern.properties.some((property) => isNode(property) && pathOf(property.key) === name);

const readsEnvironment = (node: Node): boolean => {
  if (node.type === 'MemberExpression') return /(?:^|\.)process\.env$/.test(pathOf(node) ?? '');
  if (node.type === 'VariableDeclarator') return pathOf(node.init) === 'process' && takes(node.id, 'env');
  if (node.type !== 'ImportDeclaration' || !/^(?:node:)?process$/.test(textOf(node.source) ?? '')) return false;
  return Array.isArray(node.specifiers) && node.specifiers.some((one) => isNode(one) && pathOf(one.imported) === 'env');
};

const isDefaultExport = (node: Node): boolean => {
  if (node.type === 'ExportDefaultDeclaration' || node.type === 'TSExportAssignment') return true;
  if (node.type !== 'ExportSpecifier') return false;
  return pathOf(node.exported) === 'default' || textOf(node.exported) === 'default';
};

/** Reads a TypeScript, JSX or JavaScript file. */
export const readSource = (path: string, text: string): Source => {
  const parsed = parseSync(path, text);
  const nodes = [...walk(parsed.program)];
  return {
    imports: nodes.map(importOf).filter((found) => found !== null),
    hasDefaultExport: nodes.some(isDefaultExport),
    readsEnvironment: nodes.some(readsEnvironment),
    ambient: [...new Set(nodes.map(ambientOf).filter((found) => found !== null))],
    faults: parsed.errors.map((error) => error.message),
  };
};
