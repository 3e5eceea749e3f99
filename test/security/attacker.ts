/** The agent's own Bash tool as the attacker: a command goes in, what it printed comes out. */
import type { Finished, Stage } from '../support/server/stage.ts';

export interface Attack extends Finished {
  /** What the command printed, both streams. */
  readonly printed: string;
}

/** Runs `command` as an agent would that is allowed everything; `fields` are those of the run. */
export const attack = async (stage: Stage, command: string, fields: object = {}): Promise<Attack> => {
  const finished = await stage.run(`[[demo:bash]] ${command}`, { permissionMode: 'bypassPermissions', ...fields });
  const results = finished.events.filter((event) => event.type === 'agent.tool_result');
  const printed = results.map((event) => JSON.stringify(event.data.content)).join('\n');
  return { ...finished, printed };
};
