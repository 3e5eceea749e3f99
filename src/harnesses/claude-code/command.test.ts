import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleRun as runOf } from '../../../test/harness/sample-run.ts';
import type { Task } from '../../core/agent.ts';
import { DEFAULT_LIMITS } from '../../core/limits.ts';
import type { Run } from '../../core/run.ts';
import { planOf, transcriptPathOf } from './command.ts';

const plan = (task: Partial<Task> = {}) => planOf(runOf(task), null);
const optionOf = (args: readonly string[], name: string): string | undefined =>
  args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes);

/** The prompt as the CLI will read it from standard input. */
const promptIn = (task: Partial<Task>): string => {
  const { args, stdin } = plan(task);
  if (!args.includes('--input-format=stream-json')) return textOf(stdin);
  const message = JSON.parse(textOf(stdin));
  return message.message.content[0].text;
};

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme-composite' }),
  fc
    .array(
      fc.constantFrom(
        '"',
        "'",
        '`',
        '$HOME',
        '$(id)',
        '\\n',
        '\n',
        '\r\n',
        '\r',
        '🚢',
        '한',
        '-',
        '--',
        '/',
        ' ',
        '\t',
        '\uFEFF',
        '\uD800',
        '\uDC00',
        ',',
        '(',
        ')',
      ),
    )
    .map((parts) => parts.join('')),
);

describe('planOf', () => {
  it('carries every prompt byte for byte, lone surrogates replaced', () => {
    fc.assert(
      fc.property(hostile, (prompt) => {
        expect(promptIn({ prompt })).toBe(prompt.toWellFormed());
      }),
      { numRuns: 1_000 },
    );
  });

  it('never makes an option of a word of the user', () => {
    const known = new Set(
      plan(FULL)
        .args.map((arg) => arg.split('=')[0])
        .concat('--input-format'),
    );
    fc.assert(
      fc.property(hostile, hostile, fc.array(hostile), (prompt, model, tools) => {
        const { args } = plan({
          prompt,
          model,
          allowedTools: tools,
          disallowedTools: tools,
          outputSchema: { [model]: prompt },
        });
        // Before the program's name stands what leads to it: the same for every prompt that needs it.
        const own = args[0] === '-c' ? args.slice(args.indexOf('claude') + 1) : args;
        if (args[0] === '-c') expect(args.slice(0, 4)).toEqual(['-c', 'cat | "$@"', 'slipway', 'claude']);
        for (const arg of own) expect(known).toContain(arg.split('=')[0]);
        expect(optionOf(args, 'model')).toBe(model);
        if (tools.length > 0) {
          expect(JSON.parse(optionOf(args, 'settings') ?? '')).toEqual({ permissions: { allow: tools, deny: tools } });
        }
        expect(JSON.parse(optionOf(args, 'json-schema') ?? '')).toEqual({ [model]: prompt });
      }),
    );
  });

  it('has the memory of a repository read, and of no workspace that begins empty', () => {
    const memory = 'CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD';
    const withSource = plan({ source: { git: 'https://git.example/x.git', ref: 'main' } });
    expect(optionOf(withSource.args, 'add-dir')).toBe('/workspace');
    expect(withSource.env).toHaveProperty(memory, '1');
    expect(optionOf(plan().args, 'add-dir')).toBeUndefined();
    expect(plan().env).not.toHaveProperty(memory);
  });

  it('keeps its vendor out of what it fetches, where it may reach hosts', () => {
    const settings = (allow: string[]) => optionOf(plan({ network: { allow } }).args, 'settings');
    expect(JSON.parse(settings(['example.com']) ?? '')).toEqual({ skipWebFetchPreflight: true });
    expect(settings([])).toBeUndefined();
  });

  it('says all that the task says', () => {
    expect(plan(FULL).args).toEqual([
      '--print',
      '--output-format=stream-json',
      '--verbose',
      '--include-partial-messages',
      '--permission-mode=plan',
      '--session-id=0198c0de-0000-7000-8000-000000000001',
      '--setting-sources=',
      '--strict-mcp-config',
      '--mcp-config=/home/agent/.slipway/mcp.json',
      '--settings={"permissions":{"allow":["Bash(git *)"],"deny":["WebFetch"]}}',
      '--model=sonnet',
      '--json-schema={"type":"object"}',
      '--max-turns=3',
    ]);
    const [servers] = plan(FULL).files;
    expect(servers).toMatchObject({ root: 'home', path: '.slipway/mcp.json' });
    expect(textOf(servers?.content ?? new Uint8Array())).toBe('{"mcpServers":{"fs":{"command":"fs-server"}}}');
  });

  it('resumes a session from its transcript, and keeps it', () => {
    const run = runOf();
    const transcript = new Uint8Array([1, 2, 3]);
    const resumed = planOf(run, { transcript });
    expect(resumed.args).toContain(`--resume=${run.sessionId}`);
    expect(optionOf(resumed.args, 'session-id')).toBeUndefined();
    const path = `.claude/projects/-workspace/${run.sessionId}.jsonl`;
    expect(transcriptPathOf(run)).toBe(path);
    expect(resumed.files).toEqual([{ root: 'home', path, content: transcript }]);
    expect(resumed.keep).toEqual([path]);
  });

  it('is quiet, and knows nothing of credentials', () => {
    expect(plan().env).toMatchObject({ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' });
    expect(Object.keys(plan().env).filter((name) => name.startsWith('ANTHROPIC'))).toEqual([]);
  });

  it('refuses what does not fit into an argument', () => {
    const outputSchema = { description: 'x'.repeat(130_000) };
    expect(() => plan({ outputSchema })).toThrow('--json-schema is too large');
  });

  it('gives the same plan for the same run', () => {
    const run: Run = runOf(FULL);
    expect(planOf(run, null)).toEqual(planOf(run, null));
  });
});

const FULL: Partial<Task> = {
  model: 'sonnet',
  permissionMode: 'plan',
  allowedTools: ['Bash(git *)'],
  disallowedTools: ['WebFetch'],
  mcpServers: { fs: { command: 'fs-server' } },
  outputSchema: { type: 'object' },
  limits: { ...DEFAULT_LIMITS, maxTurns: 3, maxBudgetUsd: 1 },
};
