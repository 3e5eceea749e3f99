import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError, describeConfig, parseConfig } from './config.ts';

const problems = (environment: Record<string, string>): readonly string[] => {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('settings', () => {
  it('have defaults that serve one user on this machine', () => {
    expect(parseConfig({})).toEqual({
      port: 8080,
      host: '127.0.0.1',
      publicUrl: null,
      dataDir: './.slipway',
      auth: 'none',
      store: 'sqlite',
      firestore: { projectId: null, databaseId: '(default)', emulatorHost: null, word: 'streams' },
      leaseSeconds: null,
      executor: 'local',
      google: {
        project: null,
        region: null,
        bucket: null,
        runnerServiceAccount: null,
        runnerImage: 'node:24',
        machineType: 'E2_STANDARD_2',
        workerPool: null,
        modelSecret: null,
        invoker: null,
        iapAudience: null,
        cloudBuildRoot: null,
        storageRoot: null,
      },
      concurrency: null,
      isolation: 'strict',
      privateHosts: [],
      registries: {
        npmRegistry: null,
        npmToken: null,
        npmHosts: [],
        pipIndex: null,
        pipCredentials: null,
        pipHosts: [],
      },
      gitCredentials: null,
      caFile: null,
      retentionDays: null,
      rateLimit: 0,
      logLevel: 'info',
      client: { url: null, apiKey: null },
      proxies: { https: null, http: null, none: null },
      model: { baseUrl: 'https://api.anthropic.com', apiKey: null, authToken: null },
    });
  });

  it('limit how often users may ask where users are told apart, and nobody who is alone', () => {
    const limit = (settings: Record<string, string>) => parseConfig(settings).rateLimit;
    expect([limit({}), limit({ SLIPWAY_AUTH: 'none' }), limit({ SLIPWAY_AUTH: 'api-key' })]).toEqual([0, 0, 50]);
    expect(limit({ SLIPWAY_RATE_LIMIT: '7' })).toBe(7);
    expect(limit({ SLIPWAY_AUTH: 'api-key', SLIPWAY_RATE_LIMIT: '0' })).toBe(0);
  });

  it('know proxies by either case, the small letters first, and show no password of one', () => {
    const given = {
      HTTPS_PROXY: 'http://a:secret@big:1',
      https_proxy: 'http://small:2',
      http_proxy: '',
      HTTP_PROXY: 'big:3',
    };
    expect(parseConfig(given).proxies).toEqual({ https: 'http://small:2', http: 'big:3', none: null });
    expect(JSON.stringify(describeConfig({ HTTPS_PROXY: 'http://a:secret@big:1' }))).not.toContain('secret');
  });

  it('say what cloud-build and iap need', () => {
    const needs = problems({ SLIPWAY_EXECUTOR: 'cloud-build', SLIPWAY_AUTH: 'iap' }).map((line) => line.split(':')[0]);
    expect(needs).toEqual([
      'SLIPWAY_IAP_AUDIENCE',
      'GOOGLE_CLOUD_PROJECT',
      'SLIPWAY_REGION',
      'SLIPWAY_BUCKET',
      'SLIPWAY_PUBLIC_URL',
    ]);
  });

  it('take an empty variable for one that is not set', () => {
    expect(parseConfig({ PORT: '', ANTHROPIC_API_KEY: '' })).toMatchObject({ port: 8080, model: { apiKey: null } });
  });

  it.each([
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['SLIPWAY_AUTH', 'password'],
    ['SLIPWAY_CONCURRENCY', '0'],
    ['SLIPWAY_ISOLATION', 'off'],
    ['SLIPWAY_PRIVATE_HOSTS', 'a.example,https://b.example'],
    ['SLIPWAY_PRIVATE_HOSTS', 'a.example,'],
    ['SLIPWAY_RETENTION_DAYS', '-1'],
    ['SLIPWAY_PUBLIC_URL', 'slipway.example'],
    ['SLIPWAY_URL', 'slipway.example'],
    ['SLIPWAY_BUCKET', 'gs://bucket'],
    ['SLIPWAY_CLOUD_BUILD_ENDPOINT', 'https://builds.example'],
    ['SLIPWAY_MODEL_SECRET', 'key'],
    ['SLIPWAY_STORE', 'postgres'],
    ['SLIPWAY_FIRESTORE_WORD', 'shouting'],
    ['SLIPWAY_LEASE_SECONDS', '1'],
    ['GOOGLE_CLOUD_PROJECT', 'No Project'],
    ['FIRESTORE_EMULATOR_HOST', 'firestore.example:443'],
    ['SLIPWAY_PIP_INDEX', 'https://user:secret@pip.example/simple'],
    ['SLIPWAY_NPM_HOSTS', 'https://files.example'],
    ['ANTHROPIC_BASE_URL', 'ftp://models.example'],
  ])('refuse %s=%s in one line that shows the value', (name, value) => {
    const [line, ...more] = problems({ [name]: value });
    expect(more).toEqual([]);
    expect(line).toContain(`${name}: `);
    expect(line).toContain(JSON.stringify(value));
    expect(line).not.toContain('\n');
  });

  it('need a project where the records are in Firestore', () => {
    expect(problems({ SLIPWAY_STORE: 'firestore' })).toEqual([expect.stringContaining('GOOGLE_CLOUD_PROJECT')]);
    expect(parseConfig({ SLIPWAY_STORE: 'firestore', GOOGLE_CLOUD_PROJECT: 'my-project-1' })).toMatchObject({
      store: 'firestore',
      firestore: { projectId: 'my-project-1', databaseId: '(default)', emulatorHost: null, word: 'streams' },
    });
    expect(problems({ GOOGLE_CLOUD_PROJECT: 'example.com:my-project' })).toEqual([]);
  });

  it('refuse a name that there is not, and say which there are', () => {
    expect(problems({ SLIPWAY_CONCURENCY: '4', SLIPWAY_X: '' })).toEqual([
      expect.stringMatching(/^SLIPWAY_CONCURENCY: there is no such setting; .*SLIPWAY_CONCURRENCY/),
      expect.stringContaining('SLIPWAY_X'),
    ]);
  });

  it('name all problems at once', () => {
    expect(problems({ PORT: 'x', SLIPWAY_AUTH: 'y', SLIPWAY_Z: '1' })).toHaveLength(3);
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'slipway.internal'])('refuse %s without authentication', (host) => {
    expect(problems({ HOST: host })).toEqual([expect.stringContaining('SLIPWAY_AUTH=api-key')]);
    expect(problems({ HOST: host, SLIPWAY_AUTH: 'api-key' })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('allow %s without it', (host) => {
    expect(problems({ HOST: host })).toEqual([]);
  });

  it('are described with their secrets masked', () => {
    const rows = describeConfig({ ANTHROPIC_API_KEY: 'sk-ant-secret', PORT: '99' });
    expect(rows.find((row) => row.name === 'ANTHROPIC_API_KEY')?.value).toBe('(set)');
    expect(rows.find((row) => row.name === 'PORT')?.value).toBe('99');
    expect(JSON.stringify(rows)).not.toContain('secret');
    expect(JSON.stringify(describeConfig({ SLIPWAY_API_KEY: 'slw_hidden' }))).not.toContain('hidden');
  });

  it('are told in docs/SETTINGS.md, each with its default and meaning', () => {
    const text = readFileSync(new URL('../docs/SETTINGS.md', import.meta.url), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    const told = rows.map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
    const code = (value: string | null) => (value === null ? '' : `\`${value}\``);
    const wanted = describeConfig({}).map(({ name, value, means }) => [code(name), code(value), means]);
    expect(told).toEqual(wanted);
  });
});
