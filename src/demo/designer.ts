/**
 * The scripted designer: vague wish → question → proposal → correction → agreement, by what the user says, so that
 * whoever has no key can walk the whole way. It reads times and agreement by patterns, and nothing else.
 */
import type { Json, JsonObject } from '../core/json.ts';
import { DESIGNER_WORDS, type DesignerWords } from './designer-words.ts';
import type { RequestFacts } from './request.ts';
import { isObject, type Scenario } from './scenario.ts';

const IS_DESIGNER = /You are the designer of Slipway/;
const AGREES = /^\s*(yes|yep|ok(ay)?|sure|agreed?|go ahead|looks? good|perfect|do it|네|예|응|좋아|좋습니다|동의)/i;
const HANGUL = /[\uac00-\ud7a3]/;
/** Fewer words than these say too little. */
const VAGUE_BELOW = 5;

const DAYS: readonly (readonly [RegExp, number])[] = [
  [/sunday|일요일/i, 0],
  [/monday|월요일/i, 1],
  [/tuesday|화요일/i, 2],
  [/wednesday|수요일/i, 3],
  [/thursday|목요일/i, 4],
  [/friday|금요일/i, 5],
  [/saturday|토요일/i, 6],
];

const hourIn = (said: string): number | null => {
  const found = /\bat (\d{1,2})(?::00)?\s*(am|pm)?/i.exec(said) ?? /(\d{1,2})(?::00)?\s*(am|pm|시)/i.exec(said);
  const [, hour, half] = found ?? [];
  if (hour === undefined) return null;
  const value = Number(hour) + (half?.toLowerCase() === 'pm' && Number(hour) < 12 ? 12 : 0);
  return value < 24 ? value : null;
};

const cronIn = (said: string, before: string | null): string | null => {
  const day = DAYS.find(([name]) => name.test(said))?.[1];
  const hour = hourIn(said);
  const [, oldHour = '9', , , oldDay = '*'] = before?.split(' ') ?? [];
  if (day === undefined && hour === null && !/\b(daily|every day)\b|매일/i.test(said)) return before;
  return `0 ${hour ?? oldHour} * * ${day ?? (/daily|every day|매일/i.test(said) ? '*' : oldDay)}`;
};

const zoneIn = (system: string): string => /user's time zone is ([A-Za-z0-9_+/-]+)\./.exec(system)?.[1] ?? 'UTC';

/** The user's own words: without context, and without what a lost session was told. */
const saidIn = (prompt: string): string => {
  const now = prompt.split('The user now says:\n').at(-1) ?? prompt;
  return now.replace(/<context [\s\S]*?<\/context>/g, '').trim();
};

const agentIn = (system: string): JsonObject | null => {
  const json = /<context kind="agent">([\s\S]*?)<\/context>/.exec(system)?.[1];
  try {
    const agent: Json = JSON.parse(json ?? 'null');
    return isObject(agent) ? (agent as JsonObject) : null;
  } catch {
    return null;
  }
};

const scheduleOf = (said: string, before: unknown, system: string): JsonObject | null => {
  const old = isObject(before) ? before : null;
  const cron = cronIn(said, typeof old?.cron === 'string' ? old.cron : null);
  return cron === null ? null : { cron, timezone: typeof old?.timezone === 'string' ? old.timezone : zoneIn(system) };
};

/** Words that are about the time alone change no instructions. */
const isAboutTime = (said: string): boolean => cronIn(said, null) !== null && said.length < 60;

const propose = (said: string, words: DesignerWords, system: string): JsonObject => ({
  name: said.length <= 40 ? said : words.name,
  prompt: words.prompt.replace('{{wish}}', () => said),
  schedule: scheduleOf(said, null, system),
  limits: { timeoutSeconds: 300, maxBudgetUsd: 1 },
});

const change = (before: JsonObject, said: string, words: DesignerWords, system: string): JsonObject => ({
  name: before.name ?? words.name,
  prompt: isAboutTime(said)
    ? (before.prompt ?? '')
    : `${String(before.prompt ?? '')}\n${words.also.replace('{{wish}}', () => said)}`,
  schedule: scheduleOf(said, before.schedule, system),
  ...(isObject(before.limits) ? { limits: before.limits as JsonObject } : {}),
});

const answerTo = (facts: RequestFacts): JsonObject => {
  const said = saidIn(facts.prompt);
  const words = DESIGNER_WORDS[HANGUL.test(said) ? 'ko' : 'en'];
  const { lastProposal: shown, system } = facts;
  if (shown !== null && AGREES.test(said)) return { text: words.agreement, status: words.agreed, confirmed: true };
  const before = shown ?? agentIn(system);
  if (before !== null) {
    return { text: words.correction, status: words.waiting, proposal: change(before, said, words, system) };
  }
  const isVague = said.split(/\s+/).length < VAGUE_BELOW && cronIn(said, null) === null;
  if (isVague && !facts.hasAnswered) return { text: words.question, status: words.waiting };
  return { text: words.proposal, status: words.waiting, proposal: propose(said, words, system) };
};

/** The script for a designer's turn; null when the request is none, or when it names a script by itself. */
export const designerScenarioOf = (facts: RequestFacts): Scenario | null => {
  if (facts.scenario !== 'default' || !IS_DESIGNER.test(facts.system)) return null;
  if (!facts.tools.some(({ name }) => name === 'StructuredOutput')) return null;
  const input = answerTo(facts);
  return {
    about: 'The designer.',
    turns: [{ blocks: [{ type: 'tool', name: 'StructuredOutput', input, chunk: 16, delayMs: 15 }] }],
  };
};
