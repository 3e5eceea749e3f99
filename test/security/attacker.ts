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

export interface Probes extends Finished {
  /** The lines that a probe printed, both streams. */
  of(name: string): readonly string[];
}

const untried = ({ run, events }: Finished): string =>
  `Not all was tried: ${run.status} ${JSON.stringify(run.error)} ${JSON.stringify(events).slice(-4_000)}`;

/** Runs several commands by name in one run, each in a shell of its own. A file `end` says that all of them were run. */
export const probe = async (stage: Stage, commands: Readonly<Record<string, string>>): Promise<Probes> => {
  const parts = Object.entries(commands).map(([name, command]) => `echo "=== ${name}"; (${command}\n) 2>&1`);
  const finished = await attack(stage, [...parts, 'echo "=== end"'].join('\n'));
  const printed = new Map<string, string[]>();
  let lines: string[] = [];
  for (const event of finished.events.filter(({ type }) => type === 'agent.tool_result')) {
    const { content } = event.data;
    const text: string =
      typeof content === 'string' ? content : content.map((block: { text?: string }) => block.text).join('');
    for (const line of text.split('\n')) {
      if (!line.startsWith('=== ')) lines.push(line);
      else {
        lines = [];
        printed.set(line.slice(4), lines);
      }
    }
  }
  return {
    ...finished,
    of: (name) => {
      const found = printed.get(name);
      if (found === undefined || !printed.has('end')) throw new Error(untried(finished));
      return found.filter((line) => line !== '');
    },
  };
};
