/** Runs that write down each tool call, so that a call that was made twice, or never, can be seen. */
import type { Scenario, ScriptBlock } from '../../../src/demo/scenario.ts';
import type { Finished, Stage } from './stage.ts';

const TICKS = ['one', 'two', 'three'];

const tick = (name: string): ScriptBlock => ({
  type: 'tool',
  name: 'Bash',
  input: { command: `echo ${name} >> ticks; sleep 0.7; echo ${name}`, description: 'Write the call down' },
});

/** Three tool calls, each in an answer of its own, then a text with the scenario's argument. */
export const TICKING: Readonly<Record<string, Scenario>> = {
  ticking: {
    about: 'Three tool calls that write themselves down.',
    turns: [
      ...TICKS.map((name) => ({ blocks: [tick(name)] })),
      { blocks: [{ type: 'text', text: '{{argument}} is done.' }] },
    ],
  },
};

const TRIES = 600;
const PAUSE_MS = 50;

/** Submits run number `n`, again and again under the same key, until a server has answered: it is one run all the same. */
export const submitTicking = async (stage: Stage, n: number): Promise<string> => {
  const body = {
    prompt: `[[demo:ticking]] run ${n}`,
    allowedTools: ['Bash'],
    limits: { timeoutSeconds: 900, idleSeconds: 600 },
  };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await stage.request('POST', '/runs', body, { 'idempotency-key': `ticking-${n}` }).catch(() => null);
    if (answer?.status === 202) return String(answer.body.id);
    if (answer !== null && answer.status < 500 && answer.status !== 409) {
      throw new Error(`POST /runs answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`Run ${n} could not be submitted.`);
};

/**
 * The CLI asks again when it cannot reach the model, but not when an answer broke off of which it had used a part: a
 * server that is killed just then fails the run, which says so. Rare, since these answers take a few milliseconds.
 */
export const wasCutOff = ({ run }: Finished): boolean =>
  run.status === 'failed' &&
  run.error.code === 'model_unavailable' &&
  /mid-response|connection/i.test(run.error.message);

type Check = readonly [what: string, seen: unknown, promised: unknown];

/** One line for each promise that was broken to run number `n`. */
export const brokenPromises = async (stage: Stage, n: number, finished: Finished): Promise<string[]> => {
  const { run, events } = finished;
  const text = `run ${n} is done.`;
  const end = wasCutOff(finished) ? 'failed' : 'succeeded';
  const answer = await stage.request('GET', `/runs/${run.id}/artifacts/ticks`);
  const ticks = answer.status === 200 ? answer.body.trim().split('\n') : [];
  const results = events.filter((event) => event.type === 'agent.tool_result').map((event) => event.data.toolUseId);
  const counted = (type: string): number => events.filter((event) => event.type === type).length;
  const said = events.filter((event) => event.type === 'agent.message' && JSON.stringify(event.data).includes(text));
  const always: readonly Check[] = [
    ['status', run.status, end],
    ['attempt', run.attempt, 1],
    ['seq', events.map((event) => event.seq).join(), events.map((_, index) => index + 1).join()],
    ['run.queued', counted('run.queued'), 1],
    ['run.running', counted('run.running'), 1],
    [`run.${end}`, counted(`run.${end}`), 1],
    ['the last event', events.at(-1)?.type, `run.${end}`],
    ['different tool results', new Set(results).size, results.length],
    ['calls made', ticks.join(), TICKS.slice(0, ticks.length).join()],
  ];
  const whole: readonly Check[] = [
    ['text', run.result?.text, text],
    ['messages with the text', said.length, 1],
    ['tool calls', counted('agent.tool_use'), TICKS.length],
    ['tool results', results.length, TICKS.length],
    ['number of calls made', ticks.length, TICKS.length],
  ];
  return [...always, ...(end === 'succeeded' ? whole : [])]
    .filter(([, seen, promised]) => seen !== promised)
    .map(([what, seen, promised]) => {
      const error = JSON.stringify(run.error ?? null);
      return `run ${n} (${run.id}): ${what} is ${JSON.stringify(seen)}, not ${JSON.stringify(promised)}; ${error}`;
    });
};
