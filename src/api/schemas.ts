/** All schemas of the wire that have a name in the OpenAPI document. */
import { z } from 'zod';
import * as agents from './agent-schemas.ts';
import * as talk from './conversation-schemas.ts';
import * as events from './event-schemas.ts';
import * as runs from './run-schemas.ts';
import * as system from './system-schemas.ts';

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    nextPage: z.string().nullable().meta({ description: 'Give it as `page` for what follows; null on the last page.' }),
  });

/** Named schemas: the name is the component's name in the document. */
export const schemas = {
  Agent: agents.Agent,
  AgentCreate: agents.AgentCreate,
  AgentUpdate: agents.AgentUpdate,
  AgentRun: agents.AgentRun,
  AgentRunAccepted: runs.AgentRunAccepted,
  AgentPage: page(agents.Agent),
  LastRun: agents.LastRun,
  Limits: agents.LimitsView,
  LimitsPatch: agents.LimitsPatch,
  NoFields: agents.NoFields,
  Schedule: agents.Schedule,
  TokenUsage: agents.TokenUsage,
  Run: runs.Run,
  RunCreate: agents.RunCreate,
  RunPage: page(runs.Run),
  RunTask: runs.RunTask,
  RunFailure: runs.RunFailure,
  RunResult: runs.RunResult,
  PermissionDenial: runs.PermissionDenial,
  Event: events.Event,
  EventPage: page(events.Event),
  Delta: events.Delta,
  Artifact: system.Artifact,
  ArtifactPage: page(system.Artifact),
  Usage: system.Usage,
  UsageSum: system.UsageSum,
  TurnCreate: talk.TurnCreate,
  Turn: talk.Turn,
  Component: talk.Component,
  Consequences: talk.Consequences,
  Change: talk.Change,
  Proposal: talk.Proposal,
  Conversation: talk.Conversation,
  ConversationPage: page(talk.Conversation),
  ConversationDetail: talk.ConversationDetail,
  ConversationMessage: talk.ConversationMessage,
  Problem: system.Problem,
  FieldFault: system.FieldFault,
  Health: system.Health,
  Ready: system.Ready,
  Me: system.Me,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof schemas;
