/** deploy/terraform, checked without the provider, which no package registry has: docs/DEPLOY.md says what that leaves. */
import { describe, expect, it } from 'vitest';
import { APIS } from '../../src/system/google-check/services.ts';
import { checkConfiguration } from '../support/terraform/check.ts';
import {
  type Configuration,
  readConfiguration,
  TERRAFORM,
  terraformFiles,
} from '../support/terraform/configuration.ts';
import { PROVIDER } from '../support/terraform/schema.ts';
import { describeWithTerraform, terraform } from '../support/terraform/terraform.ts';

const problemsWith = async (file: string, from: string, to: string): Promise<string[]> => {
  const files = terraformFiles();
  const text = files.get(file) ?? '';
  expect(text).toContain(from);
  files.set(file, text.replace(from, to));
  return checkConfiguration(await readConfiguration(files), PROVIDER);
};

describeWithTerraform('terraform', () => {
  it('finds every file formatted', () => {
    expect(terraform(TERRAFORM, 'fmt', '-check', '-recursive', '-list=true')).toBe('');
  });
});

describe('the arguments and references of deploy/terraform', () => {
  it('are what the provider knows', async () => {
    expect(checkConfiguration(await readConfiguration(terraformFiles()), PROVIDER)).toEqual([]);
  });

  it.each([
    ['a wrong name', 'storage.tf', 'public_access_prevention', 'public_access', 'there is no public_access'],
    ['a missing one', 'firestore.tf', 'type                    = "FIRESTORE_NATIVE"', '', 'type is missing'],
    ['a mistyped one', 'storage.tf', 'force_destroy = !var.protect', 'force_destroy = "no"', 'has to be a bool'],
    ['a wrong name in a block', 'service.tf', 'cpu_idle ', 'cpu_idles ', 'there is no cpu_idles'],
    ['a wrong name in a dynamic block', 'firestore.tf', 'field_path = fields', 'path = fields', 'there is no path'],
    ['a value for a block', 'firestore.tf', 'index_config {}', 'index_config = true', 'has to be a block'],
    ['a variable that there is not', 'service.tf', 'var.cpu', 'var.cpus', 'there is no var.cpus'],
    [
      'a resource that there is not',
      'events.tf',
      'pubsub_topic.builds.id',
      'pubsub_topic.build.id',
      'there is no google',
    ],
    ['an attribute that there is not', 'main.tf', 'runner.email', 'runner.mail', 'has no attribute mail'],
  ])('are refused with %s', async (_, file, from, to, problem) => {
    expect((await problemsWith(file, from, to)).join('\n')).toContain(problem);
  });
});

describe('deploy/terraform', () => {
  const of = (reference: string): string => `\${${reference}}`;
  const bodies = ({ blocks }: Configuration, type: string) => blocks.filter((block) => block.type === type);

  it('describes every variable and every output', async () => {
    const { variables, outputs } = await readConfiguration(terraformFiles());
    for (const [name, { description }] of [...variables, ...outputs]) {
      expect(description, name).toMatch(/^[A-Z].*[.)]$/);
    }
  });

  it('enables every API that doctor looks for', () => {
    const enabled = terraformFiles()
      .get('main.tf')
      ?.match(/(?<=")[a-z]+\.googleapis\.com(?=")/g);
    for (const api of APIS) expect(enabled).toContain(api);
  });

  it('gives the runner no role on the project, and nothing but objects of the bucket and images', async () => {
    const { blocks } = await readConfiguration(terraformFiles());
    const grants = blocks.filter(
      ({ type, body }) => type.endsWith('_iam_member') && String(body.member).includes('service_account.runner.'),
    );
    expect(grants.map(({ type, name }) => `${type}.${name}`).sort()).toEqual([
      'google_artifact_registry_repository_iam_member.runner_pulls',
      'google_storage_bucket_iam_member.runner_bucket',
      'google_storage_bucket_iam_member.runner_logs',
      'google_storage_bucket_iam_member.runner_objects',
    ]);
    const roles = blocks.filter(({ type }) => type === 'google_project_iam_custom_role');
    expect(Object.fromEntries(roles.map(({ name, body }) => [name, body.permissions]))).toEqual({
      runner_objects: ['storage.objects.create', 'storage.objects.get'],
      runner_logs: [
        'storage.objects.create',
        'storage.objects.delete',
        'storage.objects.get',
        'storage.objects.update',
      ],
      runner_bucket: ['storage.buckets.get'],
    });
  });

  it('gives the invoker no role, and nobody a basic one', async () => {
    const { blocks } = await readConfiguration(terraformFiles());
    const grants = blocks.filter(({ type }) => type.endsWith('_iam_member'));
    expect(grants.filter(({ body }) => String(body.member).includes('service_account.invoker.'))).toEqual([]);
    expect(grants.filter(({ body }) => /roles\/(owner|editor|viewer|.*[aA]dmin)$/.test(String(body.role)))).toEqual([]);
    expect(grants.filter(({ body }) => /allUsers|allAuthenticatedUsers/.test(String(body.member)))).toEqual([]);
  });

  it('calls the addresses that the server has, signed for the audience that it asks for', async () => {
    const configuration = await readConfiguration(terraformFiles());
    const token = [
      { audience: of('local.public_url'), service_account_email: of('google_service_account.invoker.email') },
    ];
    expect(bodies(configuration, 'google_cloud_scheduler_job')[0]?.body.http_target).toEqual([
      { http_method: 'POST', uri: `${of('local.public_url')}/internal/reconcile`, oidc_token: token },
    ]);
    const subscription = bodies(configuration, 'google_pubsub_subscription').find(({ name }) => name === 'builds');
    expect(subscription?.body.push_config).toEqual([
      { push_endpoint: `${of('local.public_url')}/internal/build-events`, oidc_token: token },
    ]);
  });
});
