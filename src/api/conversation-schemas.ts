/** Conversations with the designer on the wire. */
import { z } from 'zod';
import { FAILURE_CODES } from '../core/run.ts';
import { Agent, AgentCreate, instant, LimitsView, Schedule, TokenUsage, uuid } from './agent-schemas.ts';
import { costUsd } from './run-schemas.ts';

export const MAX_MESSAGE_BYTES = 256 * 1024;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const message = z
  .string()
  .refine((text) => text.trim() !== '', { error: 'must not be empty', abort: true })
  .refine((text) => bytesOf(text) <= MAX_MESSAGE_BYTES, {
    error: `must be at most ${MAX_MESSAGE_BYTES} bytes of UTF-8`,
  })
  .meta({ description: `What the user says; not blank, at most ${MAX_MESSAGE_BYTES} bytes of UTF-8.`, minLength: 1 });

/** Body of `POST /api/conversation`. */
export const TurnCreate = z.strictObject({
  conversationId: uuid.optional().meta({ description: 'Left out, a conversation begins.' }),
  message,
  agentId: uuid.optional().meta({ description: 'In the first message: the agent that is to be changed.' }),
  runId: uuid.optional().meta({ description: 'In the first message: a run to talk about, such as one that failed.' }),
  timezone: Schedule.shape.timezone
    .removeDefault()
    .optional()
    .meta({ description: "The user's IANA time zone; firings are shown in it. Kept for the later turns." }),
});

/** Body of `POST /api/conversations/{id}/agent`. */
export const Agreement = z.strictObject({
  seq: z.int().min(1).optional().meta({
    description: "The proposal's `seq`, as the user saw it: refused with 409 when there is another one by now.",
  }),
});

/** Typed parts of an answer, with HTML that the server made of the data; nothing of it is a model's HTML. */
const html = z.string().meta({ description: 'Made by the server from `data`, every text escaped.' });
const line = z.object({ label: z.string(), value: z.string() });
export const Component = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('schedule'),
    data: z.object({ cron: z.string(), timezone: z.string(), nextFirings: z.array(instant) }),
    html,
  }),
  z.object({ type: z.literal('summary'), data: z.object({ title: z.string(), lines: z.array(line) }), html }),
  z.object({ type: z.literal('result'), data: z.object({ title: z.string(), text: z.string() }), html }),
]);
export type ComponentView = z.infer<typeof Component>;

export const Consequences = z.object({
  nextFirings: z
    .array(z.object({ at: instant, local: z.string().meta({ description: "In the user's time zone, for people." }) }))
    .meta({ description: 'The next five; empty without a schedule, or when the agent is paused.' }),
  timezone: z.string().meta({ description: 'Of `local`.' }),
  packages: z.array(z.string()),
  allowed: z.array(z.string()).meta({ description: 'What the agent may do without asking.' }),
  denied: z.array(z.string()).meta({ description: 'What it would be denied, since nobody is there to be asked.' }),
  hosts: z.array(z.string()).meta({ description: 'Hosts that it may reach; none when empty.' }),
  limits: LimitsView,
  estimate: z
    .object({
      runs: z.number().meta({ type: 'integer', description: 'Past runs that it is the mean of.' }),
      tokenUsage: TokenUsage,
      costUsd,
    })
    .nullable()
    .meta({ description: 'For one run; null when there are no past runs.' }),
});
export type ConsequencesView = z.infer<typeof Consequences>;

export const Change = z.object({
  field: z.string(),
  before: z.unknown().meta({ description: 'null when there was nothing.' }),
  after: z.unknown(),
});

export const Proposal = z.object({
  agent: AgentCreate.meta({ description: 'The fields that the agent would have, defaults filled in.' }),
  agentId: uuid.nullable().meta({ description: 'The agent that would be changed; null: a new one.' }),
  revision: z.number().nullable().meta({ description: 'Revision of that agent that the proposal is made for.' }),
  seq: z.number().meta({ type: 'integer', description: 'Number of the answer that showed it.' }),
  consequences: Consequences,
  changes: z.array(Change).meta({ description: 'What differs from the present agent; empty for a new one.' }),
  saved: z.boolean().meta({ description: 'The agent exists as it is proposed here.' }),
});
export type ProposalView = z.infer<typeof Proposal>;

/** Answer of `POST /api/conversation`, and the data of the stream's `turn` event. */
export const Turn = z.object({
  conversationId: uuid,
  text: z.string().meta({ description: "The designer's words: plain text or Markdown, to be shown escaped." }),
  status: z.string().nullable().meta({ description: 'A short line of progress.' }),
  component: Component.nullable(),
  agentCreated: z.boolean().meta({ description: 'The user agreed in this turn, and the agent was made or changed.' }),
  agent: Agent.nullable().meta({ description: 'The agent that was made or is being changed.' }),
  proposal: Proposal.nullable().meta({ description: 'The latest one.' }),
  runId: uuid,
});
export type TurnView = z.infer<typeof Turn>;

/** Why a turn has no answer: what its run failed with, or what no run fails with. */
export const TURN_FAILURE_CODES = [...FAILURE_CODES, 'server_stopped', 'turn_failed'] as const;

export const ConversationMessage = z.object({
  seq: z.number().meta({ type: 'integer', minimum: 1 }),
  at: instant,
  role: z.enum(['user', 'assistant']),
  text: z.string(),
  status: z.enum(['done', 'failed', 'pending', 'waiting']).meta({
    description:
      '`pending`: being answered. `waiting`: after the turn in progress. `failed`: send the same text again to try again.',
  }),
  error: z
    .object({
      code: z
        .enum(TURN_FAILURE_CODES)
        .meta({ description: 'As in runs; `server_stopped`: in the middle of the answer.' }),
      message: z.string().meta({ description: 'What happened, in the language of the message (English or Korean).' }),
      hint: z.string().meta({ description: 'What was kept, and what to do.' }),
    })
    .optional()
    .meta({ description: 'Why there is no answer; with `failed`, and only there.' }),
  runId: uuid.nullable(),
  component: Component.nullable(),
  agentCreated: z.boolean(),
});
export type ConversationMessageView = z.infer<typeof ConversationMessage>;

export const Conversation = z.object({
  id: uuid,
  title: z.string(),
  agentId: uuid.nullable().meta({ description: 'The agent that it made or changes.' }),
  activeRunId: uuid.nullable().meta({ description: 'Run of the turn in progress.' }),
  createdAt: instant,
  updatedAt: instant,
});
export type ConversationView = z.infer<typeof Conversation>;

export const ConversationDetail = Conversation.extend({
  messages: z.array(ConversationMessage),
  proposal: Proposal.nullable(),
  agent: Agent.nullable(),
});
export type ConversationDetailView = z.infer<typeof ConversationDetail>;
