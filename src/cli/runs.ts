/** `slipway runs`, but for the files. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RunView } from '../api/run-schemas.ts';
import type { SlipwayClient } from '../client/client.ts';
import type { WireEvent } from '../client/follow.ts';
import { TERMINAL_STATUSES } from '../core/run.ts';
import { describeEvent } from './describe-event.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { collect } from './pages.ts';
import { complain, jsonText, money, outputWidth, say, sayJson } from './print.ts';
import { sayBody } from './run-files.ts';
import { sayRun } from './show-run.ts';
import { sayTable } from './table.ts';
import { ago, took } from './times.ts';
import { MAX_FAILURES, watchRun } from './watch-run.ts';

interface JsonFlag {
  readonly json: boolean;
}

export interface ListFlags extends JsonFlag {
  readonly agent?: string;
  readonly status?: string;
  readonly limit: number;
}

const isOver = (run: RunView): boolean => TERMINAL_STATUSES.some((status) => status === run.status);

export const listRunsCommand = async (client: SlipwayClient, flags: ListFlags): Promise<void> => {
  const filter = {
    ...(flags.agent === undefined ? {} : { agentId: flags.agent }),
    ...(flags.status === undefined ? {} : { status: flags.status }),
  };
  const { items, more } = await collect((request) => client.listRuns({ ...filter, ...request }), flags.limit);
  if (flags.json) {
    sayJson(items);
    return;
  }
  const now = Date.now();
  const rows = items.map((run) => [
    run.id,
    run.status,
    ago(run.createdAt, now),
    took(run.startedAt, run.endedAt, now),
    run.costUsd === null ? '?' : money(run.costUsd),
    run.model ?? '-',
    run.title,
  ]);
  const filtered = flags.agent !== undefined || flags.status !== undefined;
  const whenEmpty = filtered
    ? 'There are no such runs.'
    : 'There are no runs yet. `slipway run "<prompt>"` starts one.';
  sayTable(['ID', 'STATUS', 'CREATED', 'TOOK', 'COST', 'MODEL', 'TITLE'], rows, whenEmpty);
  if (more) complain(`There are more; --limit ${flags.limit * 2} shows further ones.`);
};

export const showRunCommand = async (client: SlipwayClient, id: string, flags: JsonFlag): Promise<void> => {
  const run = await client.readRun(id);
  if (flags.json) sayJson(run);
  else sayRun(run, Date.now());
};

export interface LogFlags extends JsonFlag {
  readonly follow: boolean;
  readonly after: number;
  readonly raw: boolean;
}

/** The events so far, or with `follow` until the run is over; then the exit status is the run's. */
export const logsCommand = async (client: SlipwayClient, id: string, flags: LogFlags): Promise<number> => {
  if (flags.raw) {
    await sayBody(await client.readOutput(id), true);
    return EXIT.succeeded;
  }
  if (!flags.follow) {
    for await (const event of stored(client, id, flags.after)) sayEvent(event, flags);
    return EXIT.succeeded;
  }
  for await (const heard of client.followRun(id, { after: flags.after, maxFailures: MAX_FAILURES })) {
    if (heard.kind === 'event') sayEvent(heard.event, flags);
  }
  return exitCodeOf((await client.readRun(id)).status);
};

async function* stored(client: SlipwayClient, id: string, after: number): AsyncGenerator<WireEvent> {
  let seq = after;
  for (;;) {
    const { data, nextPage } = await client.readEvents(id, seq);
    yield* data;
    const last = data.at(-1)?.seq;
    if (nextPage === null || last === undefined || last === null) return;
    seq = last;
  }
}

const SEQ = 5;
const CLOCK = { from: 11, to: 19 };

const sayEvent = (event: WireEvent, flags: JsonFlag): void => {
  // Pieces of messages are no part of the log; the message follows whole.
  if (event.seq === null) return;
  if (flags.json) {
    say(jsonText(event, 0));
    return;
  }
  const clock = (event.at ?? '').slice(CLOCK.from, CLOCK.to);
  const margin = `${String(event.seq).padStart(SEQ)}  ${clock}  `;
  const text = describeEvent(event, outputWidth() - margin.length);
  if (text !== null) say(margin + text.replaceAll('\n', `\n${' '.repeat(margin.length)}`));
};

const LOOK_MS = 250;

export const cancelRunCommand = async (
  client: SlipwayClient,
  id: string,
  flags: JsonFlag & { readonly wait: boolean },
): Promise<void> => {
  let run = await client.cancelRun(id);
  const wasOver = isOver(run) && run.cancelRequestedAt === undefined;
  while (flags.wait && !isOver(run)) {
    await pause(LOOK_MS);
    run = await client.readRun(id);
  }
  if (flags.json) sayJson(run);
  else if (wasOver) say(`Run ${run.id} was over already: ${run.status}.`);
  else if (isOver(run)) say(`Run ${run.id} is ${run.status}.`);
  else say(`Run ${run.id} is asked to end; it is ${run.status}.`);
};

export const retryRunCommand = async (
  client: SlipwayClient,
  id: string,
  flags: JsonFlag & { readonly detach: boolean },
): Promise<number> => {
  const run = await client.retryRun(id);
  if (flags.detach) {
    if (flags.json) sayJson(run);
    else say(run.id);
    return EXIT.succeeded;
  }
  if (!flags.json) say(`Run        ${run.id}, a retry of ${id}`);
  return watchRun(client, run.id, { json: flags.json, mayDetach: true });
};
