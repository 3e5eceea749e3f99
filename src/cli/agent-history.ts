/** `slipway agents history`. */
import type { AgentRevisionView } from '../api/agent-schemas.ts';
import { changesBetween, type FieldChange } from '../client/agent-changes.ts';
import type { SlipwayClient } from '../client/client.ts';
import { collect } from './pages.ts';
import { complain, safe, say, sayJson } from './print.ts';
import { ago } from './times.ts';

const INLINE = 60;

/** Short values as they are, longer ones by how long they are: `agents history --json` has them whole. */
const valueText = (text: string): string => {
  if (text === '') return 'none';
  if (text.length <= INLINE && !text.includes('\n')) return safe(text);
  const lines = text.split('\n').length;
  return lines === 1 ? `${text.length} characters` : `${lines} lines`;
};

const changeText = ({ field, before, after }: FieldChange): string => {
  const [old, now] = [valueText(before), valueText(after)];
  return `  ${safe(field)}: ${old === now ? `other ${now}` : `${old} → ${now}`}`;
};

const sayRevision = (revision: AgentRevisionView, before: AgentRevisionView | undefined): void => {
  say(`Revision ${revision.revision}  ${ago(revision.updatedAt, Date.now())} (${revision.updatedAt})`);
  if (revision.revision === 1) say('  made');
  if (before === undefined) return;
  const changes = changesBetween(before, revision);
  if (changes.length === 0) say('  saved without a change');
  for (const change of changes) say(changeText(change));
};

/** Newest first, each with what it changed. */
export const agentHistoryCommand = async (
  client: SlipwayClient,
  id: string,
  options: { readonly limit: number; readonly json: boolean },
): Promise<void> => {
  // One more than is shown: the last one shown is compared with it.
  const { items } = await collect((request) => client.listAgentRevisions(id, request), options.limit + 1);
  const shown = items.slice(0, options.limit);
  if (options.json) {
    sayJson(shown);
    return;
  }
  for (const [index, revision] of shown.entries()) sayRevision(revision, items[index + 1]);
  if (items.length > shown.length) complain(`There are earlier ones; --limit ${options.limit * 2} shows more.`);
};
