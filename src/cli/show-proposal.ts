/** A proposal as a table, its differences in colour where there is colour. */
import type { ProposalView } from '../api/conversation-schemas.ts';
import { money, oneLine, outputWidth, safe, say } from './print.ts';

const LABEL = 18;
const COLOURS = { red: 31, green: 32, bold: 1, dim: 2 } as const;

/** Colour on a terminal that wants it; plain text in a pipe. */
export const paint = (colour: keyof typeof COLOURS, text: string): string =>
  process.stdout.isTTY && process.stdout.hasColors() ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;

const row = (label: string, value: string): void => {
  say(`  ${paint('dim', label.padEnd(LABEL))}${oneLine(value, outputWidth() - LABEL - 2)}`);
};

const list = (values: readonly string[], otherwise: string): string =>
  values.length === 0 ? otherwise : values.join(', ');

const block = (label: string, text: string): void => {
  say(`  ${paint('dim', label)}`);
  for (const line of safe(text).split('\n')) say(`    ${line}`);
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const change = (sign: '-' | '+', value: unknown): void => {
  if (value === null || value === undefined) return;
  for (const line of safe(textOf(value)).split('\n')) say(paint(sign === '-' ? 'red' : 'green', `    ${sign} ${line}`));
};

/** Prints a proposal: what the agent would be, what it may do, and what would change. */
export const sayProposal = ({ agent, agentId, consequences, changes, saved }: ProposalView): void => {
  const { limits, estimate, nextFirings } = consequences;
  const kind = agentId === null ? 'a new agent' : `a change of agent ${agentId}`;
  say();
  say(paint('bold', saved ? 'Saved as proposed' : `Proposal: ${kind}`));
  row('name', agent.name);
  block('prompt', agent.prompt);
  row('schedule', agent.schedule == null ? 'none: it runs when it is told to' : agent.schedule.cron);
  for (const { local } of nextFirings) row('', local);
  row('packages', list(consequences.packages, 'none'));
  row('may do', list(consequences.allowed, 'nothing'));
  row('would be denied', list(consequences.denied, 'nothing'));
  row('hosts', list(consequences.hosts, 'none'));
  row('time limit', `${limits.timeoutSeconds} s`);
  row('money limit', limits.maxBudgetUsd === undefined ? 'none' : money(limits.maxBudgetUsd));
  if (estimate !== null) {
    const { inputTokens, outputTokens } = estimate.tokenUsage;
    row('one run takes', `${inputTokens + outputTokens} tokens, ${money(estimate.costUsd)} (mean of ${estimate.runs})`);
  }
  for (const { field, before, after } of changes) {
    say(`  ${field}`);
    change('-', before);
    change('+', after);
  }
  say();
};
