import { describe, expect, it } from 'vitest';
import { denialHint, isRefusal } from './denials.ts';

describe('isRefusal', () => {
  it.each([
    'This command requires approval',
    'This Bash command contains multiple operations. The following part requires approval: exit 3',
    'sed command requires approval (contains potentially dangerous operations)',
    "Claude requested permissions to write to /etc/x, but you haven't granted it yet.",
    "Claude requested permissions to use mcp__a__b, but you haven't granted it yet.",
    'Permission to use Bash with command whoami\nid has been denied.',
    "Permission to use Bash has been denied because Claude Code is running in don't ask mode. IMPORTANT: …",
    "find in '/tmp' was blocked. For security, Claude Code may only search files in the allowed working directories",
    'Cannot write to /workspace/a while in plan mode.',
  ])('knows %s', (text) => {
    expect(isRefusal(text)).toBe(true);
  });

  it.each([
    '',
    'Exit code 1\nThis command requires approval',
    'File does not exist.',
    'The tool said: Permission to use',
  ])('does not take for one: %s', (text) => {
    expect(isRefusal(text)).toBe(false);
  });
});

describe('denialHint', () => {
  it.each([
    ['Bash', { command: 'curl -s x' }, '', 'allowedTools: ["Bash(curl:*)"]'],
    ['Bash', { command: 'A=1 B="x" ./run.sh' }, '', 'allowedTools: ["Bash(./run.sh:*)"]'],
    ['Bash', { command: '(curl x)' }, '', 'allowedTools: ["Bash"]'],
    ['Bash', { command: 'ls; exit 3' }, 'The following part requires approval: exit 3', '["Bash(exit:*)"]'],
    ['Bash', { command: 'id' }, 'Permission to use Bash with command id has been denied.', 'disallowedTools'],
    ['Bash', { command: 'cd /' }, 'cd in / was blocked. For security, Claude Code may only', 'below /workspace'],
    ['Bash', {}, '', 'allowedTools: ["Bash"]'],
    [
      'Write',
      { file_path: '/workspace/a' },
      '',
      'permissionMode: "acceptEdits"; for this tool alone: allowedTools: ["Write"]',
    ],
    ['Write', { file_path: '/etc/a/b' }, '', 'allowedTools: ["Edit(//etc/a/**)"]'],
    ['Write', { file_path: '/top' }, '', 'allowedTools: ["Edit(//top)"]'],
    ['Write', { file_path: '/workspace/a' }, 'Cannot write to /workspace/a while in plan mode.', 'plan mode'],
    ['NotebookEdit', { notebook_path: '/srv/n.ipynb' }, '', 'allowedTools: ["Edit(//srv/**)"]'],
    ['Read', { file_path: '/etc/hostname' }, '', 'allowedTools: ["Read(//etc/**)"]'],
    ['Read', { file_path: 5 }, '', 'allowedTools: ["Read"]'],
    [
      'WebFetch',
      { url: 'https://example.com:8080/a' },
      '',
      'allowedTools: ["WebFetch(domain:example.com)"]. The host must be in network.allow',
    ],
    ['WebFetch', { url: 'file:///x' }, '', 'allowedTools: ["WebFetch"]'],
    ['mcp__a__b', {}, '', 'allowedTools: ["mcp__a__b"]'],
  ])('%s %j %s', (tool, input, refusal, hint) => {
    expect(denialHint(tool, input, refusal)).toContain(hint);
  });
});
