/** The OpenAPI 3.1 document, made of the operations and schemas that also read the requests. */
import { z } from 'zod';
import { agentOperations } from './agent-operations.ts';
import { conversationOperations } from './conversation-operations.ts';
import { ERROR_MEANINGS, type WireErrorCode } from './errors.ts';
import { keyOperations } from './key-operations.ts';
import type { Answer, HeaderNote, Operation } from './operations.ts';
import { runOperations } from './run-operations.ts';
import { type SchemaName, schemas } from './schemas.ts';
import { systemOperations } from './system-operations.ts';

type Node = Record<string, unknown>;

/** All operations, in the order of the document. */
export const operations = {
  ...agentOperations,
  ...conversationOperations,
  ...runOperations,
  ...keyOperations,
  ...systemOperations,
};
export const operationList: readonly Operation[] = Object.values(operations);

/** What any operation can be refused with. */
const COMMON: readonly WireErrorCode[] = ['invalid_request', 'internal', 'store_unavailable'];
const GUARDED: readonly WireErrorCode[] = ['unauthenticated', 'forbidden', 'rate_limited'];
const WITH_BODY: readonly WireErrorCode[] = ['payload_too_large', 'unsupported_media_type', 'unsupported_encoding'];

/** The headers by which a refusal says what would be taken. */
const REFUSAL_HEADERS: Readonly<Record<number, readonly HeaderNote[]>> = {
  415: [
    { name: 'Accept-Post', description: '`application/json`, after `unsupported_media_type`.' },
    { name: 'Accept-Encoding', description: '`identity`, after `unsupported_encoding`.' },
  ],
};

const ref = (name: SchemaName): Node => ({ $ref: `#/components/schemas/${name}` });

const plain = (node: Node): Node => {
  const { $schema: _dialect, $id: _id, ...rest } = node;
  return rest;
};

const components = (): Node => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io: 'input', uri: (id) => `#/components/schemas/${id}` });
  const named = Object.entries(made.schemas).map(([name, node]) => {
    const description = name in schemas ? z.globalRegistry.get(schemas[name as SchemaName])?.description : undefined;
    return [name, { ...plain({ ...node }), ...(description === undefined ? {} : { description }) }] as const;
  });
  return Object.fromEntries(named);
};

const pathParameters = (path: string): Node[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'path' ? { type: 'string' } : { type: 'string', format: 'uuid' },
  }));

const queryParameters = (query: z.ZodType): Node[] => {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
};

const headerParameters = (headers: readonly HeaderNote[]): Node[] =>
  headers.map(({ name, description }) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));

const examplesOf = (examples: Readonly<Record<string, unknown>> = {}): Node => {
  const named = Object.entries(examples).map(([name, value]) => [name, { value }]);
  return named.length === 0 ? {} : { examples: Object.fromEntries(named) };
};

const headersOf = (notes: readonly HeaderNote[]): Node => {
  const named = notes.map(({ name, description }) => [name, { description, schema: { type: 'string' } }]);
  return named.length === 0 ? {} : { headers: Object.fromEntries(named) };
};

const answer = ({ description, schema, media = [], stream, headers = [] }: Answer): Node => {
  const content = {
    ...(schema === undefined ? {} : { 'application/json': { schema: ref(schema) } }),
    ...Object.fromEntries(media.map((type) => [type, { schema: { type: 'string' } }])),
    ...(stream === undefined ? {} : { 'text/event-stream': { schema: { type: 'string' }, example: stream } }),
  };
  return {
    description,
    ...headersOf(headers),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
};

/** The codes that an operation can be refused with. */
export const refusalsOf = (operation: Operation): WireErrorCode[] => [
  ...COMMON,
  ...(operation.open ? [] : GUARDED),
  ...(operation.body === null ? [] : WITH_BODY),
  ...operation.refusals,
];

const refusals = (operation: Operation): Node => {
  const byStatus = Map.groupBy(refusalsOf(operation), (code) => ERROR_MEANINGS[code].status);
  const problem = { 'application/problem+json': { schema: ref('Problem') } };
  const rows = [...byStatus].map(([status, codes]) => {
    const headers = headersOf(REFUSAL_HEADERS[status] ?? []);
    const description = codes.map((code) => `\`${code}\`: ${ERROR_MEANINGS[code].title}.`).join(' ');
    return [String(status), { description, ...headers, content: problem }] as const;
  });
  return Object.fromEntries(rows);
};

const describe = (operation: Operation): Node => ({
  operationId: operation.id,
  tags: [operation.tag],
  summary: operation.summary,
  ...(operation.description === undefined ? {} : { description: operation.description }),
  parameters: [
    ...pathParameters(operation.path),
    ...queryParameters(operation.query),
    ...headerParameters(operation.headers ?? []),
  ],
  ...(operation.bodyName === undefined
    ? {}
    : {
        requestBody: {
          required: operation.bodyOptional !== true,
          content: { 'application/json': { schema: ref(operation.bodyName), ...examplesOf(operation.examples) } },
        },
      }),
  responses: {
    ...refusals(operation),
    ...Object.fromEntries(Object.entries(operation.answers).map(([status, given]) => [status, answer(given)])),
  },
  ...(operation.open ? { security: [] } : {}),
});

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Node>>>>;
  readonly components: { readonly schemas: Node; readonly securitySchemes: Node };
  readonly [part: string]: unknown;
}

/** The whole document; `version` is the product's. */
export const openApiDocument = (version: string): OpenApiDocument => {
  const paths: Record<string, Record<string, Node>> = {};
  for (const operation of operationList) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipway',
      version,
      description:
        'Runs coding agents as durable, isolated background runs. Bodies are JSON of at most 1 MiB; times are RFC 3339, UTC; refusals are problem documents. With `SLIPWAY_AUTH=none` no key is needed, and `x-user-id` names a user.',
    },
    security: [{ apiKey: [] }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'A key that begins with slw_.' } },
    },
  };
};
