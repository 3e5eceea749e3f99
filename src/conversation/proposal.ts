/** Proposals: valid as an agent is, or refused with reasons; and what they would mean. */
import { AgentCreate, AgentUpdate } from '../api/agent-schemas.ts';
import { canonicalJson, cleanJson } from '../api/clean-json.ts';
import type { ConsequencesView, ProposalView } from '../api/conversation-schemas.ts';
import { decodeAgent, decodeAgentUpdate } from '../api/decode.ts';
import { encodeInstant, encodeLimits } from '../api/encode.ts';
import { readWith } from '../api/faults.ts';
import type { Agent } from '../core/agent.ts';
import type { ProposedAgent } from '../core/conversation.ts';
import { DomainError, isDomainError } from '../core/errors.ts';
import type { Instant } from '../core/ids.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Engine } from '../engine/deps.ts';
import type { AgentDraft } from '../engine/save-agent.ts';
import { estimateFor } from './estimate.ts';
import { grantsOf } from './grants.ts';

const MAX_REASONS = 10;
const FIRINGS = 5;

/** The body of `POST /agents` that a draft, or an agent, would have been. */
export const bodyOf = ({ name, task, schedule, status }: AgentDraft): JsonObject => {
  const { systemPrompt: _, tools: __, limits, source, ...fields } = task;
  return {
    name,
    ...fields,
    allowedTools: [...fields.allowedTools],
    limits: { ...limits },
    network: { allow: [...fields.network.allow] },
    source: source === null ? null : { ...source },
    schedule: schedule === null ? null : { ...schedule },
    status,
  };
};

export type Checked =
  | { readonly ok: true; readonly body: JsonObject }
  | { readonly ok: false; readonly reasons: readonly string[] };

/** A model says null for "nothing" where a new agent has a default. */
const withoutNulls = (given: Json): Json =>
  Object.fromEntries(Object.entries(Object(given)).filter(([, value]) => value !== null)) as JsonObject;

const draftOf = (given: JsonObject, present: Agent | null): AgentDraft => {
  const clean = cleanJson(given);
  if (!clean.ok) throw new DomainError('invalid_request', 'It holds characters that no text has.', clean);
  return present === null
    ? decodeAgent(readWith(AgentCreate, withoutNulls(clean.value), 'proposal'))
    : decodeAgentUpdate(readWith(AgentUpdate, clean.value, 'proposal'))(present);
};

/** Validates what a model proposed, over the agent that it would change, if any. */
export const checkProposal = (engine: Engine, given: JsonObject, present: Agent | null): Checked => {
  try {
    const draft = draftOf(given, present);
    if (draft.schedule !== null && engine.nextFiring(draft.schedule, engine.clock.now()) === null) {
      return { ok: false, reasons: [`/schedule/cron "${draft.schedule.cron}" never comes`] };
    }
    const body = bodyOf(draft);
    // The proposal as a whole is held to what a new agent is held to.
    readWith(AgentCreate, body, 'proposal');
    return { ok: true, body };
  } catch (error) {
    if (!isDomainError(error, 'invalid_request')) throw error;
    const reasons = error.faults.map(({ pointer, message }) => `${pointer} ${message}`);
    return { ok: false, reasons: (reasons.length === 0 ? [error.message] : reasons).slice(0, MAX_REASONS) };
  }
};

/** The draft behind a proposal that was valid when it was kept. */
export const draftOfBody = (body: JsonObject): AgentDraft => decodeAgent(readWith(AgentCreate, body, 'proposal'));

export const isSameProposal = (one: JsonObject, other: JsonObject): boolean =>
  canonicalJson(one) === canonicalJson(other);

const changesOf = (present: Agent | null, body: JsonObject): ProposalView['changes'] => {
  if (present === null) return [];
  const before = bodyOf(present);
  return Object.keys(body)
    .filter((field) => canonicalJson(before[field] ?? null) !== canonicalJson(body[field] ?? null))
    .map((field) => ({ field, before: before[field] ?? null, after: body[field] ?? null }));
};

/** An instant as people in a time zone write it. */
const localTime = (at: Instant, timezone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at);

/** The next firings of a draft; none when it is paused. */
export const firingsOf = (engine: Engine, { schedule, status }: Pick<AgentDraft, 'schedule' | 'status'>): Instant[] => {
  const firings: Instant[] = [];
  if (schedule === null || status !== 'active') return firings;
  let at: Instant | null = engine.clock.now();
  while (firings.length < FIRINGS) {
    at = engine.nextFiring(schedule, at);
    if (at === null) break;
    firings.push(at);
  }
  return firings;
};

/** A proposal as it is shown, with what it would mean. */
export const showProposal = async (
  engine: Engine,
  proposal: ProposedAgent,
  timezone: string,
  present: Agent | null,
  pastRuns: Parameters<typeof estimateFor>[1],
): Promise<ProposalView> => {
  const agent = readWith(AgentCreate, proposal.body, 'proposal');
  const draft = decodeAgent(agent);
  const consequences: ConsequencesView = {
    nextFirings: firingsOf(engine, draft).map((at) => ({ at: encodeInstant(at), local: localTime(at, timezone) })),
    timezone,
    packages: [...draft.task.requiredPackages],
    ...grantsOf(draft.task),
    hosts: [...draft.task.network.allow],
    limits: encodeLimits(draft.task.limits),
    estimate: await estimateFor(engine, pastRuns),
  };
  return {
    agent,
    agentId: proposal.revision === null ? null : proposal.agentId,
    revision: proposal.revision,
    consequences,
    changes: proposal.revision === null ? [] : changesOf(present, proposal.body),
    saved: proposal.saved,
  };
};
