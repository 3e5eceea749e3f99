/** Every field of a task against what must not be in it; each fault is named by where it is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemView } from '../../src/api/system-schemas.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const TOOL = 'must be a tool name, with a rule in parentheses if wanted, such as Read or Bash(git log:*)';
const PACKAGE = 'must be a package such as pandas==2.2.2 (pip) or npm:left-pad@1.3.0; no addresses, paths or options';
const HOST =
  'must be a public host name such as api.example.com, *.example.com or api.example.com:8443; no scheme, path, address or internal name';
const GIT = 'must be an https address of a public host, without user, password, query or fragment';
const REF = 'must be the name of a branch or tag, or a commit';
const MODEL =
  'must be a model name: letters, digits and ._:@/[]-, beginning with a letter or a digit, at most 128 characters';
const ADDRESS = 'must be an http or https address';

type Row = readonly [field: string, value: unknown, pointer: string, message: string];
const at = (field: string, pointer: string, message: string, values: readonly unknown[]): Row[] =>
  values.map((value) => [field, value, pointer, message]);

/** Fields that tasks have, with agents and without. */
const TASK_FIELDS: readonly Row[] = [
  ...at('prompt', '/prompt', 'must be a string', [null, 7, {}, []]),
  ...at('prompt', '/prompt', 'must not be empty', ['', ' ', '\n\t\u3000']),
  ...at('prompt', '/prompt', 'must be at most 524288 bytes of UTF-8', ['x'.repeat(524_289), '한'.repeat(174_763)]),
  ...at('model', '/model', MODEL, ['', '-x', '--help', 'a b', 'a\nb', 'x'.repeat(129), '$(id)']),
  ...at('model', '/model', 'must be a string', [7, {}]),
  ...at(
    'permissionMode',
    '/permissionMode',
    'must be "default" or "acceptEdits" or "plan" or "dontAsk" or "bypassPermissions"',
    ['all', null, 1],
  ),
  ...at('allowedTools', '/allowedTools/0', TOOL, [
    ['-x'],
    ['--allow'],
    [''],
    ['a b'],
    ['Bash(x'],
    ['Bash(a\nb)'],
    ['Read,Write'],
  ]),
  ...at('disallowedTools', '/disallowedTools/1', TOOL, [['Read', '-p']]),
  ...at('allowedTools', '/allowedTools', 'must be a list', ['Read', { 0: 'Read' }, null]),
  ...at('allowedTools', '/allowedTools/0', 'must be a string', [[7], [null]]),
  ...at('requiredPackages', '/requiredPackages/0', PACKAGE, [
    ['-r requirements.txt'],
    ['--index-url'],
    ['pandas>=2'],
    ['pandas ==2'],
    ['pandas==2;rm'],
    ['git+https://example.com/x'],
    ['https://example.com/x.whl'],
    ['./local'],
    ['/etc/passwd'],
    ['a b'],
    ['$(id)'],
    ['npm:-g'],
    ['npm:@scope'],
    ['npm:a@https://example.com'],
    ['npm:a@file:../x'],
    ['npm:../x'],
    ['npm:evil.tgz'],
    ['npm:a@b.tar.gz'],
    ['evil.zip'],
    ['evil-1.0-py3-none-any.whl'],
    ['npm:'],
    [''],
  ]),
  ...at('mcpServers', '/mcpServers', 'must be an object', [[], 'x', null]),
  ...at('mcpServers', '/mcpServers/a', 'must be an object', [{ a: 'x' }, { a: null }]),
  ...at('mcpServers', '/mcpServers/a~1b', 'must be a name of letters, digits, _ and -, at most 64 characters', [
    { 'a/b': { command: 'x' } },
  ]),
  ...at('mcpServers', '/mcpServers/a/command', 'is required', [{ a: {} }, { a: { type: 'stdio' } }]),
  ...at('mcpServers', '/mcpServers/a/type', 'must be "stdio" or "http" or "sse"', [{ a: { type: 'ws', url: 'x' } }]),
  ...at('mcpServers', '/mcpServers/a/url', ADDRESS, [
    { a: { type: 'http', url: 'file:///etc/passwd' } },
    { a: { type: 'sse', url: 'x' } },
  ]),
  ...at('mcpServers', '/mcpServers/a/headers/X', 'must be one line', [
    { a: { type: 'http', url: 'https://mcp.example.com', headers: { X: 'a\r\nB: c' } } },
  ]),
  ...at('mcpServers', '/mcpServers/a/env/A=B', 'must be the name of an environment variable', [
    { a: { command: 'x', env: { 'A=B': 'c' } } },
  ]),
  ...at('mcpServers', '/mcpServers/a/wat', 'is not a known field', [{ a: { command: 'x', wat: 1 } }]),
  ...at('outputSchema', '/outputSchema', 'must be an object', [[], 'x', 7, true]),
  ...at('network', '/network', 'must be an object', [null, [], 'example.com']),
  ...at('network', '/network/deny', 'is not a known field', [{ deny: [] }]),
  ...at(
    'network',
    '/network/allow/0',
    HOST,
    [
      'localhost',
      'a.localhost',
      'example',
      '127.0.0.1',
      '10.0.0.1',
      '0x7f.1',
      '[::1]',
      '2130706433',
      'https://example.com',
      'example.com:0',
      'example.com/x',
      'user@example.com',
      '*',
      '*.com',
      '*.*.com',
      'a.*.com',
      'metadata.google.internal',
      '*.internal',
      '*.goog',
      'printer.local',
      'exa mple.com',
      '-a.com',
      'a..com',
      'example.com.',
      `${'a'.repeat(64)}.com`,
      '',
    ].map((host) => ({ allow: [host] })),
  ),
  ...at('source', '/source/git', GIT, [
    { git: 'http://git.example.com/x' },
    { git: 'git@git.example.com:x/y.git' },
    { git: 'ssh://git.example.com/x' },
    { git: 'file:///etc' },
    { git: 'https://user:pass@git.example.com/x' },
    { git: 'https://token@git.example.com/x' },
    { git: 'https://git.example.com/x?y' },
    { git: 'https://git.example.com/x#y' },
    { git: 'https://git.example.com' },
    { git: 'https://127.0.0.1/x' },
    { git: 'https://localhost/x' },
    { git: '--upload-pack=id' },
    { git: ' https://git.example.com/x' },
  ]),
  ...at('source', '/source/ref', REF, [
    ...['-x', '--upload-pack', 'a b', 'a..b', 'a~1', 'a^', 'a:b', '/a', 'a/', 'a.lock', 'a//b', ''].map((ref) => ({
      git: 'https://git.example.com/x',
      ref,
    })),
  ]),
  ...at('limits', '/limits', 'must be an object', [null, 7, []]),
  ...at('limits', '/limits/wat', 'is not a known field', [{ wat: 1 }]),
  ...at('limits', '/limits/timeoutSeconds', 'must be at least 1', [{ timeoutSeconds: 0 }, { timeoutSeconds: -5 }]),
  ...at('limits', '/limits/timeoutSeconds', 'must be at most 86400', [{ timeoutSeconds: 86_401 }]),
  ...at('limits', '/limits/timeoutSeconds', 'must be a whole number', [{ timeoutSeconds: 1.5 }]),
  ...at('limits', '/limits/timeoutSeconds', 'must be a number', [{ timeoutSeconds: '5' }, { timeoutSeconds: null }]),
  ...at('limits', '/limits/idleSeconds', 'must be at least 1', [{ idleSeconds: 0 }]),
  ...at('limits', '/limits/memoryMb', 'must be at least 64', [{ memoryMb: 63 }]),
  ...at('limits', '/limits/diskMb', 'must be at least 16', [{ diskMb: 15 }]),
  ...at('limits', '/limits/diskMb', 'must be at most 1048576', [{ diskMb: 1_048_577 }]),
  ...at('limits', '/limits/cpus', 'must be at least 0.1', [{ cpus: 0 }]),
  ...at('limits', '/limits/maxProcesses', 'must be at least 8', [{ maxProcesses: 7 }]),
  ...at('limits', '/limits/maxTurns', 'must be at least 1', [{ maxTurns: 0 }]),
  ...at('limits', '/limits/maxBudgetUsd', 'must be at least 0', [{ maxBudgetUsd: -1 }]),
  ...at('limits', '/limits/maxOutputBytes', 'must be at most 1073741824', [{ maxOutputBytes: 1_073_741_825 }]),
];

const AGENT_FIELDS: readonly Row[] = [
  ...at('name', '/name', 'must be a string', [null, 7]),
  ...at('name', '/name', 'must have at least 1 character', ['', '  ']),
  ...at('name', '/name', 'must have at most 200 characters', ['x'.repeat(201)]),
  ...at('name', '/name', 'must not hold control characters', ['a\nb', 'a\u001bb']),
  ...at('status', '/status', 'must be "active" or "paused"', ['on', null]),
  ...at('schedule', '/schedule', 'must be an object', ['0 9 * * 1', []]),
  ...at('schedule', '/schedule/cron', 'is required', [{}]),
  ...at('schedule', '/schedule/cron', 'must be five cron fields, such as 0 9 * * 1', [
    { cron: '0 9 * *' },
    { cron: '0 0 9 * * 1' },
    { cron: '@daily' },
    { cron: '0 9 * * ;' },
    { cron: '' },
  ]),
  ...at('schedule', '/schedule/timezone', 'must be an IANA time zone, such as Europe/Berlin', [
    { cron: '0 9 * * 1', timezone: 'Mars/Base' },
    { cron: '0 9 * * 1', timezone: '+09:00' },
    { cron: '0 9 * * 1', timezone: '' },
  ]),
  ...at('schedule', '/schedule/overlap', 'must be "skip" or "allow"', [{ cron: '0 9 * * 1', overlap: 'both' }]),
  ...at('revision', '/revision', 'is not a known field', [2]),
];

const title = ([field, value]: Row): string => `${field} ${JSON.stringify(value).slice(0, 60)}`;
const rows = (list: readonly Row[]) => list.map((row) => [title(row), ...row] as const);
const expected = (pointer: string, message: string) => ({
  code: 'invalid_request',
  detail: `${pointer} ${message}.`,
  errors: [[pointer, message]] as const,
});

describe('POST /agents', () => {
  it.each(rows([...TASK_FIELDS, ...AGENT_FIELDS]))('refuses %s', async (_title, field, value, pointer, message) => {
    const response = await bench.call('POST', '/agents', { name: 'n', prompt: 'p', [field]: value });
    await expectProblem(response, expected(pointer, message));
  });

  it('names every field that is missing', async () => {
    const response = await bench.call('POST', '/agents', {});
    await expectProblem(response, {
      code: 'invalid_request',
      detail: '/name is required (and 1 more).',
      errors: [
        ['/name', 'is required'],
        ['/prompt', 'is required'],
      ],
    });
  });

  it.each(['61 9 * * 1', '0 25 * * 1', '0 9 * * 9', '0 9 32 * *'])(
    'refuses the schedule %s, which cannot be',
    async (cron) => {
      const response = await bench.call('POST', '/agents', { name: 'n', prompt: 'p', schedule: { cron } });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/schedule/cron' }] });
    },
  );

  it('lists no more than 50 faults', async () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`x${index}`, 1]));
    const response = await bench.call('POST', '/agents', { name: 'n', prompt: 'p', ...many });
    const { detail, errors } = await readJson<ProblemView>(response);
    expect(detail).toBe('/x0 is not a known field (and 79 more).');
    expect(errors).toHaveLength(50);
  });
});

describe('POST /runs', () => {
  it.each(rows(TASK_FIELDS))('refuses %s', async (_title, field, value, pointer, message) => {
    const response = await bench.call('POST', '/runs', { prompt: 'p', [field]: value });
    await expectProblem(response, expected(pointer, message));
  });

  it.each(['name', 'schedule', 'status', 'agentId'])('does not know %s, which only agents have', async (field) => {
    const response = await bench.call('POST', '/runs', { prompt: 'p', [field]: 'x' });
    await expectProblem(response, expected(`/${field}`, 'is not a known field'));
  });
});

describe('PATCH /agents/{agentId}', () => {
  it.each(rows([...TASK_FIELDS, ...AGENT_FIELDS]))('refuses %s', async (_title, field, value, pointer, message) => {
    const made = await bench.call('POST', '/agents', { name: 'n', prompt: 'p' });
    const response = await bench.call('PATCH', made.headers.get('location') ?? '', { [field]: value });
    await expectProblem(response, expected(pointer, message));
  });
});

describe('POST /agents/{agentId}/run', () => {
  it.each(
    rows([
      ...at('input', '/input', 'must be a string', [7, {}]),
      ...at('input', '/input', 'must be at most 524288 bytes of UTF-8', ['x'.repeat(524_289)]),
      ...at('prompt', '/prompt', 'is not a known field', ['x']),
      ...TASK_FIELDS.filter(([field]) => field === 'limits'),
    ]),
  )('refuses %s', async (_title, field, value, pointer, message) => {
    const made = await bench.call('POST', '/agents', { name: 'n', prompt: 'p' });
    const response = await bench.call('POST', `${made.headers.get('location')}/run`, { [field]: value });
    await expectProblem(response, expected(pointer, message));
  });
});

describe('queries', () => {
  it.each([
    [
      '/runs?status=done',
      'status',
      'must be one or more of queued, starting, running, succeeded, failed, timed_out, cancelled, skipped, with commas between',
    ],
    ['/runs?agentId=x', 'agentId', 'must be an id (UUID)'],
    ['/usage?from=yesterday', 'from', 'must be a date (YYYY-MM-DD) or an RFC 3339 time'],
    ['/usage?from=2026-02-30', 'from', 'must be a date (YYYY-MM-DD) or an RFC 3339 time'],
    ['/usage?to=2026-01-01T25:00:00Z', 'to', 'must be a date (YYYY-MM-DD) or an RFC 3339 time'],
    ['/usage?groupBy=user', 'groupBy', 'must be "day" or "agent" or "model"'],
    ['/usage?from=2026-02-02&to=2026-02-01', 'from', 'must not be after to'],
  ])('refuses %s', async (address, name, message) => {
    await expectProblem(await bench.call('GET', address), expected(name, message));
  });
});
