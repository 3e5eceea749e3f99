/** The API reference as HTML, made of the OpenAPI document alone. Every text is escaped by `html`. */
import { html } from 'hono/html';
import { ERROR_MEANINGS } from '../api/errors.ts';
import type { OpenApiDocument } from '../api/openapi.ts';

type Content = ReturnType<typeof html>;
type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodeOf = (value: unknown): Node => (isNode(value) ? value : {});
const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Text with `code` in backticks. */
const prose = (text: string): Content[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

const join = (parts: readonly Content[], separator: string): Content =>
  html`${parts.map((part, index) => html`${index === 0 ? '' : separator}${part}`)}`;

/** The type of a schema, in a few words. */
const typeOf = (schema: Node): Content => {
  const reference = textOf(schema.$ref);
  if (reference !== '') {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if ('const' in schema) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (Array.isArray(schema.enum))
    return html`<code>${schema.enum.map((one) => JSON.stringify(one)).join(' | ')}</code>`;
  const choices = nodesOf(schema.anyOf ?? schema.oneOf);
  if (choices.length > 0) return join(choices.map(typeOf), ' or ');
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : textOf(schema.type);
  if (type === 'array') return html`list of ${typeOf(nodeOf(schema.items))}`;
  if (type !== 'object') return html`${type === '' ? 'any JSON' : type}`;
  const fields = Object.keys(nodeOf(schema.properties));
  return fields.length === 0 ? html`object` : html`object with ${fields.join(', ')}`;
};

const NOTED = ['default', 'minimum', 'maximum', 'minLength', 'maxLength', 'maxItems', 'format', 'pattern'] as const;

const notesOf = (schema: Node): Content[] => {
  const notes = NOTED.filter((name) => name in schema).map(
    (name) => html`${name} <code>${JSON.stringify(schema[name])}</code>`,
  );
  const examples = Array.isArray(schema.examples)
    ? [html`for example <code>${schema.examples.map((one) => JSON.stringify(one)).join(' ')}</code>`]
    : [];
  return [...notes, ...examples];
};

const describe = (schema: Node): Content => {
  const description = textOf(schema.description);
  const notes = notesOf(schema);
  return html`${prose(description)}${description !== '' && notes.length > 0 ? ' ' : ''}${join(notes, ', ')}`;
};

const fieldRows = (schema: Node): Content[] => {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(nodeOf(schema.properties)).map(([name, field]) => {
    const node = nodeOf(field);
    const must = required.includes(name) ? 'yes' : '';
    return html`<tr><td><code>${name}</code></td><td>${typeOf(node)}</td><td>${must}</td><td>${describe(node)}</td></tr>
`;
  });
};

const table = (heads: readonly string[], rows: readonly Content[]): Content =>
  rows.length === 0
    ? html``
    : html`<table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table>
`;

const FIELD_HEADS = ['Field', 'Type', 'Always there', 'Meaning'];

const renderSchema = (name: string, schema: Node): Content => {
  const variants = nodesOf(schema.oneOf ?? schema.anyOf);
  const body =
    variants.length === 0
      ? table(FIELD_HEADS, fieldRows(schema))
      : html`${variants.map((variant) => html`<p>One form of it:</p>${table(FIELD_HEADS, variantRows(variant))}`)}`;
  return html`<h3 id="schema-${name}"><code>${name}</code></h3>
<p>${prose(textOf(schema.description))}</p>
${body}`;
};

/** The rows of a variant, with the fields of its `data` as rows of their own. */
const variantRows = (variant: Node): Content[] =>
  Object.entries(nodeOf(variant.properties)).flatMap(([name, field]) => {
    const node = nodeOf(field);
    const inner = Object.keys(nodeOf(node.properties)).length > 0 ? fieldRows(prefixed(name, node)) : [];
    return inner.length > 0 ? inner : fieldRows({ properties: { [name]: field }, required: variant.required });
  });

const prefixed = (prefix: string, node: Node): Node => ({
  properties: Object.fromEntries(
    Object.entries(nodeOf(node.properties)).map(([name, field]) => [`${prefix}.${name}`, field]),
  ),
  required: Array.isArray(node.required) ? node.required.map((name) => `${prefix}.${String(name)}`) : [],
});

const renderContent = (content: unknown): Content =>
  join(
    Object.entries(nodeOf(content)).map(([media, node]) => {
      const schema = nodeOf(nodeOf(node).schema);
      return '$ref' in schema ? html`${typeOf(schema)} (<code>${media}</code>)` : html`<code>${media}</code>`;
    }),
    ' or ',
  );

const renderOperation = (path: string, method: string, operation: Node): Content => {
  const parameters = nodesOf(operation.parameters).map((parameter) => {
    const schema = nodeOf(parameter.schema);
    const meaning = html`${prose(textOf(parameter.description))} ${describe(schema)}`;
    return html`<tr><td><code>${parameter.name}</code></td><td>${parameter.in}</td><td>${typeOf(schema)}</td><td>${meaning}</td></tr>
`;
  });
  const answers = Object.entries(nodeOf(operation.responses)).map(([status, node]) => {
    const { description, content } = nodeOf(node);
    return html`<tr><td>${status}</td><td>${prose(textOf(description))}</td><td>${renderContent(content)}</td></tr>
`;
  });
  const body = nodeOf(operation.requestBody);
  return html`<h3 id="${operation.operationId}"><code><span class="method">${method.toUpperCase()}</span> ${path}</code></h3>
<p><strong>${operation.summary}.</strong> ${prose(textOf(operation.description))}</p>
${'security' in operation ? html`<p>Needs no key.</p>` : ''}
${table(['Parameter', 'In', 'Type', 'Meaning'], parameters)}
${'content' in body ? html`<p>Body${body.required === true ? '' : ' (may be left out)'}: ${renderContent(body.content)}</p>` : ''}
${table(['Status', 'When', 'Content'], answers)}`;
};

/** The body of the reference page. */
export const renderReference = (document: OpenApiDocument): Content => {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = Map.groupBy(all, ({ operation }) => textOf(nodesOf([operation])[0]?.tags?.toString()));
  const codes = Object.entries(ERROR_MEANINGS).map(
    ([code, { status, title }]) => html`<tr><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>
`,
  );
  return html`<header>
<h1>${document.info.title} HTTP API ${document.info.version}</h1>
<p>${prose(document.info.description)} The same as a document for programs: <a href="/openapi.json">/openapi.json</a>.</p>
</header>
<nav aria-label="Operations"><ul>
${all.map(
  ({
    path,
    method,
    operation,
  }) => html`<li><a href="#${operation.operationId}"><code>${method.toUpperCase()} ${path}</code></a></li>
`,
)}</ul></nav>
<main>
${[...tags].map(
  ([tag, list]) => html`<section><h2>${tag}</h2>
${list.map(({ path, method, operation }) => renderOperation(path, method, operation))}</section>
`,
)}
<section><h2>Refusals</h2>
<p>Every refusal is a <a href="#schema-Problem">problem document</a>. Its <code>code</code> is one of these:</p>
${table(['Code', 'Status', 'Meaning'], codes)}</section>
<section><h2>Schemas</h2>
${Object.entries(document.components.schemas).map(([name, schema]) => renderSchema(name, nodeOf(schema)))}</section>
</main>`;
};
