/** Watching a run to its end: its transcript, then what became of it. */
import type { RunView } from '../api/run-schemas.ts';
import type { SlipwayClient } from '../client/client.ts';
import type { WireEvent } from '../client/follow.ts';
import { describeEvent, textOf } from './describe-event.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { watchInterrupts } from './interrupt.ts';
import { complain, outputWidth, say, sayJson } from './print.ts';
import { sayOutcome } from './show-run.ts';
import { openStatusLine } from './status-line.ts';

/** About a minute without a server, with the pauses in between; then the command gives up, and the run goes on. */
export const MAX_FAILURES = 16;

export interface WatchOptions {
  /** Only the finished run, as JSON. */
  readonly json: boolean;
  /** Whether the run would go on without this process. */
  readonly mayDetach: boolean;
}

const QUIET = new Set(['run.queued', 'run.starting', 'usage', 'artifact', 'agent.tool_result']);

/** Statuses and results are for the status line and the summary, but a failed tool call is worth its line. */
const worthALine = ({ type, data }: WireEvent): boolean => {
  if (type === 'agent.tool_result') return data.isError === true;
  return !QUIET.has(type) && !/^run\.(?:succeeded|failed|timed_out|cancelled)$/.test(type);
};

/** Follows the run and prints it; gives the exit status that stands for its end. Ctrl-C cancels it, or asks. */
export const watchRun = async (client: SlipwayClient, runId: string, options: WatchOptions): Promise<number> => {
  const leaving = new AbortController();
  const line = openStatusLine(Date.now);
  const stopListening = watchInterrupts({
    mayDetach: options.mayDetach,
    cancel: async () => {
      await client.cancelRun(runId);
    },
    detach: () => leaving.abort(),
    asking: (begins) => (begins ? line.pause() : line.resume()),
  });
  try {
    const lastSaid = await transcript(client, runId, options, line, leaving.signal);
    if (leaving.signal.aborted) {
      line.close();
      complain(`The run goes on. Watch it with: slipway runs logs -f ${runId}`);
      return EXIT.failed;
    }
    const run = await client.readRun(runId);
    line.close();
    await sayEnd(client, run, options, lastSaid);
    return exitCodeOf(run.status);
  } finally {
    line.close();
    stopListening();
  }
};

const transcript = async (
  client: SlipwayClient,
  runId: string,
  options: WatchOptions,
  line: ReturnType<typeof openStatusLine>,
  signal: AbortSignal,
): Promise<string> => {
  let lastSaid = '';
  line.set('queued');
  for await (const heard of client.followRun(runId, { signal, maxFailures: MAX_FAILURES })) {
    if (heard.kind === 'reconnecting') {
      line.set('the server is away; trying again');
      continue;
    }
    const { event } = heard;
    if (event.type === 'agent.message') lastSaid = textOf(event.data.content) || lastSaid;
    const text = options.json || !worthALine(event) ? null : describeEvent(event, outputWidth());
    if (text !== null) line.above(() => say(text));
    if (event.type === 'agent.tool_use') line.set(`working: ${String(event.data.name)}`);
    else if (event.type.startsWith('run.')) line.set(event.type.slice('run.'.length));
    else if (event.type !== 'delta') line.set('running');
  }
  return options.json ? '' : lastSaid;
};

const sayEnd = async (client: SlipwayClient, run: RunView, options: WatchOptions, lastSaid: string): Promise<void> => {
  if (options.json) {
    sayJson(run);
    return;
  }
  sayOutcome(run, await client.listArtifacts(run.id), { lastSaid, now: Date.now() });
};
