/** The form of a designer's answer: what the model is asked for, and what is believed of what it gave. */
import { z } from 'zod';
import type { Json, JsonObject } from '../core/json.ts';

const MAX_TEXT = 100_000;
const MAX_SHORT = 500;
const MAX_LINES = 50;

/** Cuts instead of refusing: a text that is too long is no reason to lose an answer. */
const text = (most: number) =>
  z.string().transform((value) => value.slice(0, most).toWellFormed().replaceAll('\0', '\uFFFD'));
const short = text(MAX_SHORT);

const component = z.discriminatedUnion('type', [
  z.object({ type: z.literal('schedule'), cron: short, timezone: short }),
  z.object({
    type: z.literal('summary'),
    title: short,
    lines: z.array(z.object({ label: short, value: short })).transform((lines) => lines.slice(0, MAX_LINES)),
  }),
  z.object({ type: z.literal('result'), title: short, text: text(20_000) }),
]);
export type ComponentData = z.output<typeof component>;

const answer = z.object({
  text: text(MAX_TEXT),
  // What is beside the text is taken when it has its form, and left out otherwise.
  status: short.nullable().catch(null).default(null),
  component: component.nullable().catch(null).default(null),
  proposal: z.record(z.string(), z.unknown()).nullable().catch(null).default(null),
  confirmed: z.boolean().catch(false).default(false),
});

export interface DesignerAnswer {
  readonly text: string;
  readonly status: string | null;
  readonly component: ComponentData | null;
  /** As the model gave it; not validated. */
  readonly proposal: JsonObject | null;
  readonly confirmed: boolean;
}

/** The answer in a run's structured output; null when there is no text in it. */
export const readAnswer = (structured: Json): DesignerAnswer | null => {
  const parsed = answer.safeParse(structured);
  if (!parsed.success || parsed.data.text.trim() === '') return null;
  const { proposal, ...rest } = parsed.data;
  return { ...rest, proposal: proposal === null ? null : (proposal as JsonObject) };
};

const string = (description: string): JsonObject => ({ type: 'string', description });
const orNull = (type: string, description: string): JsonObject => ({ type: [type, 'null'], description });
const strings = (description: string): JsonObject => ({ type: 'array', items: { type: 'string' }, description });

/**
 * What the model is asked to fill. `text` is first, so that it can be shown while it is written. Looser than what is
 * accepted: a fault in a proposal is better told in words, with its reason, than by a validator.
 */
export const ANSWER_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    text: string('What you say to the user. Always the first field.'),
    status: orNull('string', 'A short line of progress, such as "Waiting for your answer". Optional.'),
    component: {
      type: ['object', 'null'],
      description:
        'Optional. {type:"schedule",cron,timezone} | {type:"summary",title,lines:[{label,value}]} | {type:"result",title,text}',
      properties: { type: { enum: ['schedule', 'summary', 'result'] } },
      required: ['type'],
    },
    proposal: {
      type: ['object', 'null'],
      description: 'The whole agent, each time that it is new or was changed; left out when nothing changed.',
      properties: {
        name: string('A short name.'),
        prompt: string("The agent's instructions."),
        schedule: {
          type: ['object', 'null'],
          properties: { cron: string('Five fields.'), timezone: string('IANA name.') },
          required: ['cron', 'timezone'],
        },
        requiredPackages: strings('Such as "pandas==2.2.2" or "npm:left-pad@1.3.0".'),
        allowedTools: strings('Such as "Bash(git log:*)" or "WebFetch". As few and as narrow as will do.'),
        disallowedTools: strings('Tools that are refused in any case.'),
        network: { type: 'object', properties: { allow: strings('Public host names.') } },
        limits: { type: ['object', 'null'], description: 'timeoutSeconds, maxTurns, maxBudgetUsd, memoryMb.' },
      },
      required: ['name', 'prompt'],
    },
    confirmed: {
      type: 'boolean',
      description: 'True only when the user has just agreed to the proposal that was shown before, unchanged.',
    },
  },
  required: ['text'],
};
