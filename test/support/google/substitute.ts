/** Substitutions: `$NAME`, `${NAME}`, and `$$` for a dollar sign. */
import { invalidArgument } from './api-error.ts';
import { isObject, type JsonObject } from './http.ts';

const TEMPLATE = /\$(?:\$|([A-Z_][A-Z0-9_]*)|\{([A-Z_][A-Z0-9_]*)\})/g;
const CUSTOM = /^_[A-Z0-9_]+$/;
const MAX_COUNT = 200;
const MAX_KEY = 100;
const MAX_VALUE = 4_000;

/** Known in every build, empty where no trigger fills them. */
const OF_TRIGGERS = [
  'TRIGGER_NAME',
  'TRIGGER_BUILD_CONFIG_PATH',
  'COMMIT_SHA',
  'REVISION_ID',
  'SHORT_SHA',
  'REPO_NAME',
  'REPO_FULL_NAME',
  'BRANCH_NAME',
  'TAG_NAME',
  'REF_NAME',
];

/** Where templates are read; a `script` is none of these. */
const STEP_FIELDS = ['name', 'args', 'env', 'dir', 'entrypoint', 'id'];
const BUILD_FIELDS = ['tags', 'logsBucket', 'serviceAccount', 'images'];

const customOf = (build: JsonObject): Readonly<Record<string, string>> => {
  const given = isObject(build.substitutions) ? build.substitutions : {};
  const entries = Object.entries(given).map(([key, value]) => [key, String(value)] as const);
  if (entries.length > MAX_COUNT) throw invalidArgument(`invalid build: number of substitutions exceeds ${MAX_COUNT}`);
  for (const [key, value] of entries) {
    if (!CUSTOM.test(key) || key.length > MAX_KEY) {
      throw invalidArgument(`invalid value for 'build.substitutions': key "${key}" does not match "^_[A-Z0-9_]+$"`);
    }
    if (value.length > MAX_VALUE) {
      throw invalidArgument(
        `invalid value for 'build.substitutions': value of "${key}" exceeds ${MAX_VALUE} characters`,
      );
    }
  }
  return Object.fromEntries(entries);
};

/** The build with every template filled in. */
export const substitute = (
  build: JsonObject,
  builtIn: Readonly<Record<string, string>>,
  loose: boolean,
): JsonObject => {
  const custom = customOf(build);
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(OF_TRIGGERS.map((name) => [name, ''])),
    ...builtIn,
    ...custom,
  };
  const used = new Set<string>();
  const fill = (text: string): string =>
    text.replace(TEMPLATE, (whole, plain: string | undefined, braced: string | undefined) => {
      const name = plain ?? braced;
      if (name === undefined) return '$';
      used.add(name);
      const value = values[name];
      if (value !== undefined) return value;
      if (loose) return '';
      const what = name.startsWith('_')
        ? 'is not matched in the substitution data'
        : 'is not a valid built-in substitution';
      throw invalidArgument(
        `generic::invalid_argument: invalid value for 'build.substitutions': key in the template "${name}" ${what} (${whole})`,
      );
    });
  const fillAny = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value);
    return Array.isArray(value) ? value.map(fillAny) : value;
  };
  const fillFields = (object: JsonObject, names: readonly string[]): JsonObject => ({
    ...object,
    ...Object.fromEntries(names.filter((name) => name in object).map((name) => [name, fillAny(object[name])])),
  });
  const steps = Array.isArray(build.steps) ? build.steps : [];
  const filled = {
    ...fillFields(build, BUILD_FIELDS),
    steps: steps.map((step) => (isObject(step) ? fillFields(step, STEP_FIELDS) : step)),
  };
  const idle = Object.keys(custom).find((name) => !used.has(name));
  if (idle !== undefined && !loose) {
    throw invalidArgument(
      `generic::invalid_argument: invalid value for 'build.substitutions': key "${idle}" in the substitution data is not matched in the template`,
    );
  }
  return filled;
};
