/** Terraform's files as data, by the parser that Terraform itself is made with. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { z } from 'zod';

export const TERRAFORM = resolve(import.meta.dirname, '../../../deploy/terraform');

// By `require`, since its types bring a browser's with them, which would hold in the whole project.
const require = createRequire(import.meta.url);
const { parse }: { parse(file: string, text: string): Promise<unknown> } = require('@cdktf/hcl2json');

const body = z.record(z.string(), z.unknown());
export type Body = z.output<typeof body>;
const named = z.record(z.string(), z.array(body)).default({});
const typed = z.record(z.string(), z.record(z.string(), z.array(body))).default({});
const fileShape = z.object({
  resource: typed,
  data: typed,
  variable: named,
  output: named,
  locals: z.array(body).default([]),
});

/** One resource or data source. */
export interface Block {
  readonly file: string;
  /** Its type; of a data source with `data.` before it. */
  readonly type: string;
  readonly name: string;
  readonly body: Body;
}

export interface Configuration {
  readonly blocks: readonly Block[];
  readonly variables: ReadonlyMap<string, Body>;
  readonly locals: ReadonlyMap<string, unknown>;
  readonly outputs: ReadonlyMap<string, Body>;
}

/** Every file of deploy/terraform, by its name. */
export const terraformFiles = (): Map<string, string> =>
  new Map(
    readdirSync(TERRAFORM)
      .filter((name) => name.endsWith('.tf'))
      .map((name) => [name, readFileSync(join(TERRAFORM, name), 'utf8')]),
  );

/** Throws with the place when a file cannot be parsed. */
export const readConfiguration = async (files: ReadonlyMap<string, string>): Promise<Configuration> => {
  const blocks: Block[] = [];
  const variables = new Map<string, Body>();
  const locals = new Map<string, unknown>();
  const outputs = new Map<string, Body>();
  for (const [file, text] of files) {
    const read = fileShape.parse(await parse(file, text));
    for (const [prefix, types] of [['', read.resource] as const, ['data.', read.data] as const]) {
      for (const [type, instances] of Object.entries(types)) {
        for (const [name, bodies] of Object.entries(instances)) {
          for (const one of bodies) blocks.push({ file, type: `${prefix}${type}`, name, body: one });
        }
      }
    }
    for (const [name, bodies] of Object.entries(read.variable)) for (const one of bodies) variables.set(name, one);
    for (const [name, bodies] of Object.entries(read.output)) for (const one of bodies) outputs.set(name, one);
    for (const group of read.locals) for (const [name, value] of Object.entries(group)) locals.set(name, value);
  }
  return { blocks, variables, locals, outputs };
};
