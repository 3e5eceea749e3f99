/** What a conversation can begin with besides the user's words: an agent to change, or a run to talk about. */
import type { RunId, UserId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { Engine } from '../engine/deps.ts';
import { readRun } from '../engine/read-run.ts';

const MAX_CONTEXT = 24_000;
const LAST_EVENTS = 40;

/** The last things that were logged or denied, as data. */
const lastWords = async (engine: Engine, run: Run): Promise<unknown[]> => {
  const events = await engine.stores.runs.events(run.id, Math.max(0, run.lastSeq - LAST_EVENTS), LAST_EVENTS);
  return events
    .filter(({ type }) => type === 'log' || type === 'agent.denied' || type === 'agent.message')
    .map(({ type, data }) => ({ type, data: JSON.stringify(data).slice(0, 600) }));
};

/** A user's run as context; `not_found` also for another user's. Nothing in it can end the block that it stands in. */
export const contextOfRun = async (engine: Engine, userId: UserId, id: RunId): Promise<{ run: Run; text: string }> => {
  const run = await readRun(engine, userId, id);
  const { state, task } = run;
  const told = {
    status: state.status,
    failure: 'failure' in state ? state.failure : null,
    result: 'result' in state ? (state.result?.text.slice(0, 4_000) ?? null) : null,
    prompt: task.prompt.slice(0, 4_000),
    permissionDenials: run.permissionDenials.slice(0, 20),
    limits: task.limits,
    network: task.network,
    requiredPackages: task.requiredPackages,
    lastEvents: await lastWords(engine, run),
  };
  const json = JSON.stringify(told).slice(0, MAX_CONTEXT).replaceAll('<', '\\u003c');
  return { run, text: `<context kind="run">${json}</context>\n\n` };
};
