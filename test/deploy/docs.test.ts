/** docs/DEPLOY.md says what the tree has: names, roles, outputs, prices, files. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Configuration, readConfiguration, terraformFiles } from '../support/terraform/configuration.ts';
import { PROVIDER } from '../support/terraform/schema.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOC = read('docs/DEPLOY.md');
const CODE = [...DOC.matchAll(/`([^`\n]+)`/g), ...DOC.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
const COMMANDS = CODE.join('\n');

/** Cells of each row of the table that begins with this heading. */
const table = (heading: string): string[][] => {
  const lines = DOC.slice(DOC.indexOf(`\n| ${heading} `) + 1).split('\n');
  const rows = lines.slice(0, lines.indexOf('')).slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};

let configuration: Configuration;
beforeAll(async () => {
  configuration = await readConfiguration(terraformFiles());
});

describe('docs/DEPLOY.md', () => {
  it('names outputs, variables, resources and files that there are', () => {
    const { outputs, variables, blocks } = configuration;
    const named = [...COMMANDS.matchAll(/output (?:-raw|-json) (\w+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect([...outputs.keys()], name).toContain(name);
    const inVariables = new Set(
      terraformFiles()
        .get('variables.tf')
        ?.match(/(?<=^variable "|^ {4})\w+/gm),
    );
    for (const name of variables.keys()) expect(inVariables).toContain(name);
    for (const [, name = ''] of COMMANDS.matchAll(/^(\w+) = /gm)) expect(inVariables, name).toContain(name);
    const addresses = blocks.map(({ type, name }) => `${type}.${name}`);
    for (const [address] of COMMANDS.matchAll(/google_\w+\.\w+/g)) expect(addresses).toContain(address);
    for (const [path] of COMMANDS.matchAll(/deploy\/[\w./-]+\.(?:tf|json|yaml|rules)\b/g)) {
      expect(existsSync(join(ROOT, path)), path).toBe(true);
    }
    for (const [, path = ''] of DOC.matchAll(/\]\(([A-Z][\w-]*\.md)/g))
      expect(existsSync(join(ROOT, 'docs', path)), path).toBe(true);
  });

  it('gives cloudbuild.yaml the substitutions that it takes', () => {
    const taken = new Set(read('deploy/cloudbuild.yaml').match(/(?<=\$\{?)_[A-Z]+/g));
    const given = new Set([...COMMANDS.matchAll(/(?<=[=,\n` ])(_[A-Z]+)=/g)].map(([, name]) => name));
    expect(given).toEqual(taken);
  });

  it('names the provider that the check knows', () => {
    expect(DOC).toContain(`version ${PROVIDER.provider.replace(/\.0$/, '')}`);
    expect(terraformFiles().get('versions.tf')).toContain(`"~> ${PROVIDER.provider.replace(/\.0$/, '')}"`);
  });

  it('has the price of a run by every machine that can be chosen', () => {
    const machines = JSON.stringify(configuration.variables.get('machine_type')?.validation).match(/E2_\w+/g);
    const rows = table('machine');
    expect(rows.map(([machine = '']) => /E2_\w+/.exec(machine)?.[0])).toEqual([...new Set(machines)]);
    for (const [machine, minute, ...runs] of rows) {
      const amounts = [1, 5, 30].map((minutes) => Number((Number(minute) * minutes).toFixed(4)));
      expect(runs.map(Number), machine).toEqual(amounts);
    }
  });

  it('says of each account every role that it is given, and no other', () => {
    const { blocks } = configuration;
    const grants = blocks.filter(({ type }) => type.endsWith('_iam_member'));
    const rows = table('account');
    const accounts = blocks.filter(({ type }) => type === 'google_service_account');
    expect(rows.map(([account]) => account).sort()).toEqual(accounts.map(({ name }) => `\`slipway-${name}\``).sort());
    for (const [account = '', may = ''] of rows) {
      const name = account.replaceAll('`', '').replace('slipway-', '');
      const given = grants
        .filter(({ body }) => String(body.member).includes(`google_service_account.${name}.`))
        .map(({ body }) => String(body.role).replace(/^\$\{google_project_iam_custom_role\.(\w+)\.id\}$/, '$1'));
      const said = may.match(/roles\/[\w.]+|\brunner_[a-z]+/g) ?? [];
      expect([...said].sort(), account).toEqual([...given].sort());
    }
  });
});
