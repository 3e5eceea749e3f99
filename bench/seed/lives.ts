/** Lives of runs, made by the rules that real ones follow, so that what is seeded is what could have happened. */
import { conclude } from '../../src/core/conclusion.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { EventDraft } from '../../src/core/events.ts';
import { OFFSET_START, type Run } from '../../src/core/run.ts';
import {
  claim,
  type NewRun,
  queue,
  record,
  recordUsage,
  requestStop,
  settle,
  skip,
  started,
} from '../../src/core/transitions.ts';

export type Outcome = 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'skipped';

export interface Life {
  readonly input: NewRun;
  readonly outcome: Outcome;
  /** Instant of creation. */
  readonly createdAt: number;
  readonly lengthMs: number;
  /** What the agent says and does. */
  readonly events: readonly EventDraft[];
  /** A denied call, or none. */
  readonly denied: boolean;
  readonly outputTokens: number;
}

const MODEL = 'claude-sonnet-4-5';
const DENIAL = { tool: 'Bash', toolUseId: 'toolu_denied', input: { command: 'curl -s https://example.com' } };
const HINT = 'Add it to the agent: allowedTools: ["Bash(curl:*)"].';

/** All of a life as the one decision that a store is given. */
export const liveOnce = (life: Life): Decision => {
  const { createdAt, lengthMs } = life;
  if (life.outcome === 'skipped') return skip(life.input, 'An earlier run was still going on.', createdAt);
  const first = queue(life.input, createdAt);
  const events = [...first.events];
  let run = first.run;
  const next = (work: (run: Run) => Decision): void => {
    const more = work(run);
    events.push(...more.events);
    run = more.run;
  };
  const token = 1;
  const begin = createdAt + 400;
  const end = begin + lengthMs;
  next((now) => claim(now, 'seed', 60_000, createdAt + 20));
  next((now) => started(now, token, `seed-${now.id}`, null, begin));
  const drafts: readonly EventDraft[] = life.denied
    ? [...life.events, { type: 'agent.denied', data: { ...DENIAL, hint: HINT } }]
    : life.events;
  for (const [index, draft] of drafts.entries()) {
    const recording = { events: [draft], offset: OFFSET_START, seen: null, model: MODEL, denials: [] };
    next((now) => record(now, token, recording, begin + Math.round((lengthMs * (index + 1)) / (drafts.length + 1))));
  }
  const reading = { model: MODEL, cacheWrite5mTokens: 1_800, cacheWrite1hTokens: 0, webSearches: 0, estimated: false };
  next((now) =>
    recordUsage(
      now,
      { ...reading, inputTokens: 900, cacheReadTokens: 21_000, outputTokens: life.outputTokens },
      end - 5,
    ),
  );
  if (life.outcome === 'timed_out') next((now) => requestStop(now, 'deadline', null, end - 2));
  if (life.outcome === 'cancelled') next((now) => requestStop(now, 'cancelled', null, end - 2));
  next((now) => settle(now, token, conclusionOf(life, now), [], end, life.denied ? [DENIAL] : []));
  return { run, events };
};

const conclusionOf = ({ outcome }: Life, run: Run) => {
  if (run.stop !== null) return conclude.stopped(run.stop, null);
  if (outcome === 'failed') return conclude.placeFailed('The tests could not be run', 'Look at the transcript.');
  const result = { text: 'Done. The summary is in `summary.md`; **two issues** wait for an answer.', structured: null };
  return { status: 'succeeded', stopReason: 'end_turn', limitsHit: [], result } as const;
};

const COMMANDS = ['npm test --silent', 'git log --oneline -5', 'grep -rn TODO src | head', 'ls -la'] as const;

/** So many events of an agent at work: words, tools and their results in turn. */
export const workEvents = (count: number): readonly EventDraft[] => {
  const session = {
    sessionId: 'seed',
    model: MODEL,
    permissionMode: 'acceptEdits',
    tools: ['Bash', 'Read', 'Edit'],
    mcpServers: [],
    harnessVersion: '2.1.197',
  };
  const drafts: EventDraft[] = [{ type: 'agent.init', data: session }];
  for (let step = 0; drafts.length < count; step += 1) {
    const id = `toolu_${step}`;
    const messageId = `msg_${step}`;
    const command = COMMANDS[step % COMMANDS.length] ?? 'ls';
    const text = `\u001b[32m✓\u001b[39m ${step + 3} passed \u001b[2m(${step} ms)\u001b[22m\n\u001b[31m×\u001b[39m 1 failed\nline of output ${step}`;
    drafts.push(
      {
        type: 'agent.message',
        data: {
          messageId,
          content: [{ type: 'text', text: `Step ${step}: I look at **part ${step}** with \`${command}\`.` }],
        },
      },
      { type: 'agent.tool_use', data: { messageId, id, name: 'Bash', input: { command } } },
      {
        type: 'agent.tool_result',
        data: { toolUseId: id, isError: step % 9 === 8, content: [{ type: 'text', text }] },
      },
    );
  }
  return drafts.slice(0, count);
};
