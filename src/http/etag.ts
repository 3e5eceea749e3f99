/**
 * Entity tags of agents: the revision in quotes. An agent is shown with sums over its runs, which change without a new
 * revision, so once there are runs a mark of them follows: `"3-1f2e3d4c"`. Preconditions look at the revision alone.
 */
import { refuse } from '../api/faults.ts';
import type { Agent, AgentTotals } from '../core/agent.ts';
import { DomainError } from '../core/errors.ts';
import type { Engine } from '../engine/deps.ts';

/** The tag of an agent as it is shown with `totals`. */
export const etagOf = (engine: Engine, agent: Agent, totals: AgentTotals): string =>
  totals.lastRun === null
    ? `"${agent.revision}"`
    : `"${agent.revision}-${engine.sha256(JSON.stringify(totals)).slice(0, 8)}"`;

const TAG_LIST = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;

const tagsOf = (header: string, name: string): string[] => {
  if (!TAG_LIST.test(header)) {
    throw refuse('header', [{ pointer: name, message: 'must be * or a list of entity tags in quotes, such as "3"' }]);
  }
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
};

/** True when `If-None-Match` holds `etag`; weak tags count, as RFC 9110 has it. */
export const isKnown = (header: string | undefined, etag: string): boolean => {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return tagsOf(header, 'If-None-Match').some((tag) => tag.replace(/^W\//, '') === etag);
};

/**
 * The revision that a change is meant for; null when any will do. `stale_revision` when none of the tags is of `agent`
 * as it is. Weak tags never match here, as RFC 9110 has it.
 */
export const wantedRevision = (header: string | undefined, agent: Agent): number | null => {
  if (header === undefined || header.trim() === '*') return null;
  const revisions = tagsOf(header, 'If-Match').map((tag) => /^"(\d{1,15})(?:-[0-9a-f]{8})?"$/.exec(tag)?.[1]);
  if (revisions.includes(String(agent.revision))) return agent.revision;
  throw new DomainError(
    'stale_revision',
    `Agent ${agent.id} is at revision ${agent.revision}, which If-Match does not name.`,
    {
      hint: 'Nothing was changed. Read the agent again, and apply the change to what it is now.',
    },
  );
};
