/** What an agent may do without asking, and what it would be denied, in words. */
import type { PermissionMode, Task } from '../core/agent.ts';

const READING = 'Read and search files in /workspace';
const EDITING = 'Create, change, move and delete files in /workspace';
const COMMANDS = 'Any other command (Bash)';
const WEB = 'Fetch and search the web (WebFetch, WebSearch)';
const OUTSIDE = 'Write files outside /workspace';

const MODES: {
  readonly [Mode in PermissionMode]: { readonly allowed: readonly string[]; readonly denied: readonly string[] };
} = {
  default: { allowed: [READING], denied: [EDITING, COMMANDS, WEB, OUTSIDE] },
  acceptEdits: { allowed: [READING, EDITING], denied: [COMMANDS, WEB, OUTSIDE] },
  plan: { allowed: [READING], denied: [EDITING, COMMANDS, WEB, OUTSIDE] },
  dontAsk: { allowed: [READING], denied: [EDITING, COMMANDS, WEB, OUTSIDE] },
  bypassPermissions: { allowed: ['Everything inside the sandbox'], denied: [] },
};

/** Rules that allow a whole tool take its line out of what is denied. */
const isGranted = (line: string, rules: readonly string[]): boolean => {
  if (line === COMMANDS) return rules.includes('Bash');
  if (line === WEB) return rules.includes('WebFetch') && rules.includes('WebSearch');
  return line === EDITING && rules.includes('Write') && rules.includes('Edit');
};

/** Both lists, the widest grants first. */
export const grantsOf = (task: Pick<Task, 'permissionMode' | 'allowedTools' | 'disallowedTools'>) => {
  const { allowed, denied } = MODES[task.permissionMode];
  return {
    allowed: [...allowed, ...task.allowedTools],
    denied: [...denied.filter((line) => !isGranted(line, task.allowedTools)), ...task.disallowedTools],
  };
};
