/** How long a run takes through Slipway, against the bare `claude --print` in a bare sandbox, the two in turn. */
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { followEvents } from '../../src/client/follow.ts';
import { sendJson } from '../../src/client/http.ts';
import { type DemoScene, pairsOf, withDemoScene } from '../demo-scene.ts';
import { reportPairs, timed } from '../figures.ts';

const PROMPT = '[[demo:hello]]';
/** All processors of this machine, as the bare program has them. */
const LIMITS = { cpus: availableParallelism() };

/** The program in a bare sandbox: its own home, output to a file, the model on loopback. */
const bare = async ({ folder, bareInSandbox: start }: DemoScene, round: number): Promise<void> => {
  const out = openSync(join(folder, 'bare.out'), 'w');
  const child = start(`home-${round}`, ['--permission-mode', 'acceptEdits'], ['pipe', out, 'ignore']);
  child.stdin?.end(PROMPT);
  const [code]: unknown[] = await once(child, 'exit');
  closeSync(out);
  if (code !== 0) throw new Error(`The bare program ended with ${code}.`);
};

/** The same through Slipway: from the POST to the last event at a client. */
const through = async (url: string): Promise<void> => {
  const client = { url, key: null };
  const { id } = await sendJson<{ id: string }>(client, 'POST', '/runs', { prompt: PROMPT, limits: LIMITS });
  let last = '';
  for await (const heard of followEvents(client, id)) if (heard.kind === 'event') last = heard.event.type;
  if (last !== 'run.succeeded') throw new Error(`The run through Slipway ended with ${last}.`);
};

/** @param rounds pairs to measure */
export const wholeRuns = (rounds: number): Promise<void> =>
  withDemoScene(async (scene) => {
    const pairs = await pairsOf(
      rounds,
      (round) => timed(() => bare(scene, round)),
      () => timed(() => through(scene.url)),
    );
    reportPairs('claude --print in bwrap, a run through Slipway', pairs, '≤ 1.05');
  });
