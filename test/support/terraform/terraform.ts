/** The program itself, as far as it goes without providers: formatting, and evaluating what names no resource. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { describeWhere } from '../describe-where.ts';
import { TERRAFORM } from './configuration.ts';

/** Nothing of the machine's own set-up, and no question to anybody outside. */
const ENVIRONMENT = { PATH: process.env.PATH, HOME: tmpdir(), CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };

/** What a command printed; throws with what it said when it fails. */
export const terraform = (folder: string, ...args: string[]): string =>
  execFileSync('terraform', [`-chdir=${folder}`, ...args], { env: ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' });

const isInstalled = (): boolean => {
  try {
    execFileSync('terraform', ['version'], { env: ENVIRONMENT, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Left out where there is no terraform, which is said aloud; in continuous integration that is a failure. */
export const describeWithTerraform = (name: string, describeTests: () => void): void =>
  describeWhere(name, isInstalled() ? null : 'terraform is not installed', null, describeTests);

/** In the place of what main.tf takes from resources. */
const STAND_INS = `
locals {
  project_number = "123456789012"
  database       = var.database
  bucket         = coalesce(var.bucket, "\${var.project}-\${var.name}")
  runner         = "\${var.name}-runner@\${var.project}.iam.gserviceaccount.com"
  invoker        = "\${var.name}-invoker@\${var.project}.iam.gserviceaccount.com"
  model_secret   = "projects/\${var.project}/secrets/\${var.name}-anthropic-api-key/versions/latest"
  worker_pool    = var.worker_pool == null ? null : "projects/\${var.project}/locations/\${var.region}/workerPools/\${var.name}-builds"
}
output "evaluated" {
  value = { environment = local.environment, indexes = local.indexes, field_overrides = local.field_overrides }
}
`;

const evaluated = z.object({
  evaluated: z.object({
    value: z.object({
      environment: z.record(z.string(), z.string()),
      indexes: z.record(z.string(), z.unknown()),
      field_overrides: z.record(z.string(), z.object({ collection: z.string(), field: z.string(), ttl: z.boolean() })),
    }),
  }),
});
export type Evaluated = z.output<typeof evaluated>['evaluated']['value'];

export interface Evaluator {
  /** What settings.tf comes to with these variables; throws with terraform's words when it refuses them. */
  evaluate(variables: Readonly<Record<string, unknown>>): Evaluated;
  close(): void;
}

/** A folder with variables.tf and settings.tf alone. */
export const openEvaluator = (): Evaluator => {
  const root = mkdtempSync(join(tmpdir(), 'slipway-terraform-'));
  const folder = join(root, 'terraform');
  mkdirSync(folder);
  for (const name of ['variables.tf', 'settings.tf']) cpSync(join(TERRAFORM, name), join(folder, name));
  cpSync(join(TERRAFORM, '../firestore'), join(root, 'firestore'), { recursive: true });
  writeFileSync(join(folder, 'stand-ins.tf'), STAND_INS);
  terraform(folder, 'init', '-input=false');
  return {
    evaluate: (variables) => {
      writeFileSync(join(folder, 'terraform.tfvars.json'), JSON.stringify(variables));
      terraform(folder, 'apply', '-auto-approve', '-input=false', '-no-color');
      return evaluated.parse(JSON.parse(terraform(folder, 'output', '-json'))).evaluated.value;
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
};
