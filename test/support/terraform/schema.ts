/** What a provider knows of its resources; `provider-schema.json` is made by scripts/terraform-schema.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const valueType = z.enum(['string', 'number', 'bool', 'list', 'map']);
export type ValueType = z.output<typeof valueType>;

/** A value, or a block with arguments of its own. */
export type Argument =
  | { readonly type: ValueType; readonly required: boolean }
  | { readonly block: Arguments; readonly many: boolean; readonly required: boolean };
export type Arguments = { readonly [name: string]: Argument };

const argument: z.ZodType<Argument> = z.lazy(() =>
  z.union([
    z.strictObject({ type: valueType, required: z.boolean() }),
    z.strictObject({ block: z.record(z.string(), argument), many: z.boolean(), required: z.boolean() }),
  ]),
);

const resource = z.strictObject({
  arguments: z.record(z.string(), argument),
  /** What can be read of it, its arguments included. */
  attributes: z.array(z.string()),
});

const schema = z.strictObject({
  binding: z.string(),
  /** Version of the provider. */
  provider: z.string(),
  /** By type; those of data sources begin with `data.`. */
  resources: z.record(z.string(), resource),
});
export type ProviderSchema = z.output<typeof schema>;

export const PROVIDER: ProviderSchema = schema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'provider-schema.json'), 'utf8')),
);
