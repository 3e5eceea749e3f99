/** `slipway run`: submits a prompt, or an agent's next run, and watches it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RunView } from '../api/run-schemas.ts';
import type { RunInput, SlipwayClient } from '../client/client.ts';
import { UnreachableError } from '../client/http.ts';
import { EXIT } from './exit-codes.ts';
import { UsageError } from './explain.ts';
import { complain, say, sayJson } from './print.ts';
import { clientOf, type Reach } from './reach.ts';
import { limitsOf, readText, type TaskFlags, taskOf } from './task-options.ts';
import { watchRun } from './watch-run.ts';

export interface RunFlags extends TaskFlags {
  readonly agent?: string;
  readonly promptFile?: string;
  readonly idempotencyKey?: string;
  readonly detach: boolean;
  readonly demo: boolean;
  readonly json: boolean;
}

/** A server that answers, and whether it is one of our own that ends with this command. */
interface Place {
  readonly client: SlipwayClient;
  readonly own: boolean;
  readonly demo: boolean;
  close(): Promise<void>;
}

const promptOf = (argument: string | undefined, { promptFile }: RunFlags): string | null => {
  if (promptFile !== undefined) {
    if (argument !== undefined) throw new UsageError('Give the prompt as an argument or in --prompt-file, not both.');
    return readText(promptFile);
  }
  return argument === '-' ? readText('-') : (argument ?? null);
};

/** The server that was named, or that runs here already; null when none runs and one may be started. */
const reachRunning = async (reach: Reach): Promise<Place | null> => {
  if (reach.url === null) return null;
  const client = clientOf(reach);
  try {
    const { demo } = await client.readMe();
    return { client, own: false, demo, close: async () => undefined };
  } catch (error) {
    if (error instanceof UnreachableError && !reach.named) return null;
    throw error;
  }
};

const startOwn = async (reach: Reach, demo: boolean): Promise<Place> => {
  // Not before it is needed: the server is most of the program.
  const { startServer } = await import('./serve.ts');
  const app = await startServer({ demo, quiet: true }).catch((error: unknown) => {
    if (!(error instanceof Error && 'hint' in error)) throw error;
    complain(`No server answers at ${reach.url ?? 'any known address'}, and none can be started here.`);
    complain(`${error.message} ${String(error.hint ?? '')}`.trim());
    return null;
  });
  if (app === null) throw new NoServer();
  complain(`No server was running; one is started at ${app.url} for this run.`);
  return { client: clientOf({ ...reach, url: app.url }), own: true, demo: app.demo, close: () => app.close() };
};

/** Said already. */
class NoServer extends Error {}

const refuseMixUps = (place: Place | null, flags: RunFlags): void => {
  if (place === null && flags.detach) {
    throw new UsageError(
      'No server is running, so nothing would go on with a detached run.',
      'Start one with `slipway serve`, or leave out --detach.',
    );
  }
  if (place !== null && flags.demo && !place.demo) {
    throw new UsageError(
      `The server at ${place.client.url} uses a real model; --demo is for the server that this command starts.`,
      'Leave out --demo, or stop that server.',
    );
  }
};

const ATTEMPTS = 4;
const PAUSE_MS = 300;

/** Sends it again when the connection breaks: with its key it is done once, however often it is sent. */
const insist = async (send: () => Promise<RunView>): Promise<RunView> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof UnreachableError) || attempt === ATTEMPTS) throw error;
      await pause(PAUSE_MS * attempt);
    }
  }
};

const submit = (client: SlipwayClient, prompt: string | null, flags: RunFlags): Promise<RunView> => {
  const options = { idempotencyKey: flags.idempotencyKey ?? crypto.randomUUID() };
  const { agent } = flags;
  const fields = taskOf(flags);
  if (agent !== undefined) {
    const { limits = {}, ...others } = fields;
    if (Object.keys(others).length > 0) {
      throw new UsageError(
        'With --agent only limits can be given; the rest is the agent’s.',
        'See `slipway agents edit`.',
      );
    }
    const body = { limits, ...(prompt === null ? {} : { input: prompt }) };
    return insist(async () => (await client.runAgent(agent, body, options)).run);
  }
  if (prompt === null) throw new UsageError('What is to be done? Give a prompt, --prompt-file or --agent.');
  const body: RunInput = { prompt, ...fields, limits: limitsOf(flags) };
  return insist(() => client.createRun(body, options));
};

const announce = (run: RunView, place: Place, flags: RunFlags): void => {
  if (place.demo) complain('DEMO MODEL: answers are scripted, nothing is sent to a real model.');
  if (!flags.json) say(`Run        ${run.id}`);
};

/** Gives the exit status: 0 only when the run succeeded, or when it was to be left alone and is queued. */
export const runCommand = async (argument: string | undefined, flags: RunFlags, reach: Reach): Promise<number> => {
  const prompt = promptOf(argument, flags);
  if (prompt === null && flags.agent === undefined) {
    throw new UsageError('What is to be done? Give a prompt, --prompt-file or --agent.');
  }
  const running = await reachRunning(reach);
  refuseMixUps(running, flags);
  try {
    const place = running ?? (await startOwn(reach, flags.demo));
    try {
      const run = await submit(place.client, prompt, flags);
      if (flags.detach) {
        if (flags.json) sayJson(run);
        else say(run.id);
        return EXIT.succeeded;
      }
      announce(run, place, flags);
      return await watchRun(place.client, run.id, { json: flags.json, mayDetach: !place.own });
    } finally {
      await place.close();
    }
  } catch (error) {
    if (error instanceof NoServer) return EXIT.unreachable;
    throw error;
  }
};
