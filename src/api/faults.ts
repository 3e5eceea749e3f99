/** Reading outside data with a schema: the value, or a refusal that names each fault. */
import type { z } from 'zod';
import { DomainError, type FieldFault } from '../core/errors.ts';
import { pointerOf } from './clean-json.ts';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const plural = (count: number | bigint, origin: string): string => {
  const noun = origin === 'string' ? 'character' : 'item';
  return `${count} ${noun}${Number(count) === 1 ? '' : 's'}`;
};

const bound = (issue: RawIssue & { origin?: unknown }, word: string, limit: number | bigint): string => {
  const origin = String(issue.origin);
  if (origin === 'string' || origin === 'array' || origin === 'set')
    return `must have ${word} ${plural(limit, origin)}`;
  return `must be ${word} ${limit}`;
};

/** Our wording of what zod found; null where the schema brought its own. */
const wording = (issue: RawIssue): string | null => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required';
      return `must be ${TYPE_NAMES[String(issue.expected)] ?? String(issue.expected)}`;
    case 'too_small':
      return bound(issue, 'at least', Number(issue.minimum));
    case 'too_big':
      return bound(issue, 'at most', Number(issue.maximum));
    case 'invalid_value':
      return issue.input === undefined
        ? 'is required'
        : `must be ${(issue.values ?? []).map((value: unknown) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return 'has none of the forms that are possible here';
    default:
      return null;
  }
};

const faultsOf = (issues: readonly Issue[]): FieldFault[] => issues.flatMap(faultOf);

const faultOf = (issue: Issue): FieldFault[] => {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), message: 'is not a known field' }));
  if (issue.code === 'invalid_key') return [{ pointer: pointerOf(issue.path), message: firstMessage(issue.issues) }];
  return [{ pointer: pointerOf(issue.path), message: issue.message }];
};

const firstMessage = (issues: readonly { message?: string }[]): string => issues[0]?.message ?? 'is not a valid name';

const summarise = (what: string, faults: readonly FieldFault[]): string => {
  const [first] = faults;
  if (first === undefined) return `The ${what} is not valid.`;
  const where = first.pointer === '' ? `The ${what}` : first.pointer;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return `${where} ${first.message}${more}.`;
};

/** More faults than these are counted, but not listed. */
const MAX_LISTED = 50;

/** The refusal that names `faults` in a part of the request, such as its body. */
export const refuse = (what: string, faults: readonly FieldFault[]): DomainError =>
  new DomainError('invalid_request', summarise(what, faults), { faults: faults.slice(0, MAX_LISTED) });

/** `value` as `schema` reads it; `invalid_request` naming each fault when it does not. */
export const readWith = <Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
  const parsed = schema.safeParse(value, { error: wording });
  if (parsed.success) return parsed.data;
  throw refuse(what, faultsOf(parsed.error.issues));
};

/** The same for the query, whose parts have names and no pointers. */
export const readQuery = <Schema extends z.ZodType>(schema: Schema, query: URLSearchParams): z.output<Schema> => {
  const names = [...new Set(query.keys())];
  const twice = names.filter((name) => query.getAll(name).length > 1);
  if (twice.length > 0)
    throw refuse(
      'query',
      twice.map((name) => ({ pointer: name, message: 'is given more than once' })),
    );
  const parsed = schema.safeParse(Object.fromEntries(query), { error: wording });
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error.issues);
  throw refuse(
    'query',
    faults.map(({ pointer, message }) => ({ pointer: pointer.slice(1), message })),
  );
};
