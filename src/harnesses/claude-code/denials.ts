/** Tool calls that the CLI's permission rules refused: how they are recognised, and what would allow them. */
import type { JsonObject } from '../../core/json.ts';

/**
 * Beginnings of the CLI's own refusals in tool results. A failing command's text always begins with "Exit code", so
 * Bash cannot imitate them; an MCP tool could, and would only raise a denial against itself.
 */
const REFUSALS: readonly RegExp[] = [
  /^Claude requested permissions? /,
  /^Permission to use .* (?:has been|was) denied/s,
  /^(?:sed command|This command|Command) (?:.* )?requires approval/,
  /^This Bash command contains multiple operations\. The following parts? requires? approval/,
  /^.{1,200} was blocked\. For security, Claude Code /s,
  /^Cannot write to .* while in plan mode/s,
  /^Your organization requires approval for this tool/,
];

/** Whether the text of a failed tool result is a refusal by the permission rules. */
export const isRefusal = (text: string): boolean => REFUSALS.some((refusal) => refusal.test(text.slice(0, 2_000)));

const FORBIDDEN_BY_RULE = /^Permission to use .* has been denied\.$/s;

const field = (input: JsonObject, ...names: readonly string[]): string => {
  const value = names.map((name) => input[name]).find((candidate) => typeof candidate === 'string');
  return typeof value === 'string' ? value : '';
};

/** The command that an approval was missing for, as the refusal names it, or the whole one. */
const refusedCommand = (command: string, refusal: string): string =>
  /requires? approval: ([^\n]+)/.exec(refusal)?.[1] ?? command;

/** First word of a command, past assignments; null when it is no plain word. */
const programOf = (command: string): string | null =>
  /^\s*(?:[A-Za-z_]\w*=\S*\s+)*([\w./+-]{1,80})(?:\s|$)/.exec(command)?.[1] ?? null;

const allow = (rule: string): string => `To allow it, add to the agent: allowedTools: [${JSON.stringify(rule)}].`;

/** Hint for a tool that reads or writes one path. A rule for a path begins with two slashes, and Edit is that of all writers. */
const pathHint = (tool: string, path: string): string => {
  if (!path.startsWith('/') || path.startsWith('/workspace/')) {
    return tool === 'Read'
      ? allow(tool)
      : `To allow edits in the workspace, set permissionMode: "acceptEdits"; for this tool alone: allowedTools: [${JSON.stringify(tool)}].`;
  }
  const folder = path.slice(0, path.lastIndexOf('/')).slice(0, 200);
  const rule = `${tool === 'Read' ? tool : 'Edit'}(/${folder === '' ? path.slice(0, 200) : `${folder}/**`})`;
  return `The path is outside the workspace. Let the agent work below /workspace, or allow it: allowedTools: [${JSON.stringify(rule)}].`;
};

const hostOf = (url: string): string | null => /^https?:\/\/([a-z0-9.-]{1,253})(?:[:/?#]|$)/i.exec(url)?.[1] ?? null;

/** What to set so that the call is allowed. `refusal` is the CLI's text, "" when it is not known. */
export const denialHint = (tool: string, input: JsonObject, refusal: string): string => {
  if (FORBIDDEN_BY_RULE.test(refusal)) {
    return `A rule in disallowedTools forbids it. Remove that rule from the agent to allow ${tool}.`;
  }
  if (/while in plan mode/.test(refusal)) return 'In plan mode nothing is changed. Set permissionMode: "acceptEdits".';
  switch (tool) {
    case 'Bash': {
      if (/was blocked\. For security/.test(refusal)) {
        return 'The command reaches outside the workspace. Let the agent work below /workspace, or add allowedTools: ["Bash"].';
      }
      const program = programOf(refusedCommand(field(input, 'command'), refusal));
      return allow(program === null ? 'Bash' : `Bash(${program}:*)`);
    }
    case 'Write':
    case 'Edit':
    case 'NotebookEdit':
    case 'Read':
      return pathHint(tool, field(input, 'file_path', 'notebook_path'));
    case 'WebFetch': {
      const host = hostOf(field(input, 'url'));
      return `${allow(host === null ? 'WebFetch' : `WebFetch(domain:${host})`)} The host must be in network.allow, too.`;
    }
    default:
      return allow(tool.slice(0, 200));
  }
};
