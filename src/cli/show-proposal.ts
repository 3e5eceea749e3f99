/** A proposal as a table, its differences in colour where there is colour. */
import type { ProposalView } from '../api/conversation-schemas.ts';
import { money, outputWidth, safe, say, wrapped } from './print.ts';

const LABEL = 18;
const COLOURS = { red: 31, green: 32, bold: 1, dim: 2 } as const;

/** Colour on a terminal that wants it; plain text in a pipe. */
export const paint = (colour: keyof typeof COLOURS, text: string): string =>
  process.stdout.isTTY && process.stdout.hasColors() ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;

/** Wrapped, never cut: what is agreed to must be seen. */
const row = (label: string, value: string): void => {
  wrapped(value, outputWidth() - LABEL - 2).forEach((line, at) => {
    say(`  ${paint('dim', (at === 0 ? label : '').padEnd(LABEL))}${line}`);
  });
};

/** One line for each, so that none hides behind another. */
const rows = (label: string, values: readonly string[], otherwise: string): void => {
  const [first = otherwise, ...others] = values;
  row(label, first);
  for (const value of others) row('', value);
};

const block = (label: string, text: string): void => {
  say(`  ${paint('dim', label)}`);
  for (const line of safe(text).split('\n')) say(`    ${line}`);
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const linesOf = (value: unknown): string[] =>
  value === null || value === undefined ? [] : safe(textOf(value)).split('\n');

/** The lines that differ; what is the same before and after them is left out. */
const sayChange = (before: readonly string[], after: readonly string[]): void => {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (head > 0) say(paint('dim', '      …'));
  for (const line of before.slice(head, before.length - tail)) say(paint('red', `    - ${line}`));
  for (const line of after.slice(head, after.length - tail)) say(paint('green', `    + ${line}`));
  if (tail > 0) say(paint('dim', '      …'));
};

/** Prints a proposal: what the agent would be, what it may do, and what would change. */
export const sayProposal = ({ agent, agentId, consequences, changes, saved }: ProposalView): void => {
  const { limits, estimate, nextFirings } = consequences;
  const kind = agentId === null ? 'a new agent' : `a change of agent ${agentId}`;
  say();
  say(paint('bold', saved ? 'Saved as proposed' : `Proposal: ${kind}`));
  row('name', agent.name);
  block('prompt', agent.prompt);
  const { schedule, model } = agent;
  row('schedule', schedule == null ? 'none: it runs when it is told to' : `${schedule.cron} (${schedule.timezone})`);
  if (agent.status === 'paused') row('', 'paused: it does not run by itself');
  for (const { local } of nextFirings) row('', local);
  rows('packages', consequences.packages, 'none');
  rows('may do', consequences.allowed, 'nothing');
  rows('would be denied', consequences.denied, 'nothing');
  rows('hosts', consequences.hosts, 'none');
  if (model != null) row('model', model);
  row('limits', `${limits.timeoutSeconds} s, ${limits.memoryMb} MB, ${limits.cpus} CPU`);
  row('money limit', limits.maxBudgetUsd === undefined ? 'none' : money(limits.maxBudgetUsd));
  if (estimate !== null) {
    const tokens = Object.values(estimate.tokenUsage).reduce((sum, one) => sum + one, 0);
    row('one run takes', `${tokens} tokens, ${money(estimate.costUsd)} (mean of ${estimate.runs})`);
  }
  for (const { field, before, after } of changes) {
    say(`  ${field}`);
    sayChange(linesOf(before), linesOf(after));
  }
  say();
};
