/** How long until the first word of a conversation's turn is on the screen, against the bare CLI with the same request. */
import { once } from 'node:events';
import { converse } from '../../src/client/converse.ts';
import { ANSWER_SCHEMA } from '../../src/conversation/answer.ts';
import { instructionsFor } from '../../src/conversation/instructions.ts';
import { type DemoScene, pairsOf, withDemoScene } from '../demo-scene.ts';
import { reportPairs } from '../figures.ts';

const MESSAGE = 'Summarise notes.md for me every Monday at 9';

/** The program alone, its output read from a pipe: milliseconds to the first piece of its answer. */
const bare = async (scene: DemoScene, round: number): Promise<number> => {
  const began = performance.now();
  const child = scene.bare(
    `home-${round}`,
    [
      ...['--setting-sources=', '--strict-mcp-config', '--tools=', `--json-schema=${JSON.stringify(ANSWER_SCHEMA)}`],
      `--system-prompt=${instructionsFor(Date.now(), 'UTC', null)}`,
    ],
    ['pipe', 'pipe', 'ignore'],
  );
  const gone = once(child, 'exit');
  child.stdin?.end(MESSAGE);
  let first: number | null = null;
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    if (first !== null) continue;
    said += String(chunk);
    if (said.includes('"content_block_delta"')) first = performance.now() - began;
  }
  await gone;
  if (first === null) throw new Error('The bare program said nothing.');
  return first;
};

/** A turn through Slipway: milliseconds to the first word at a client. */
const through = async (url: string): Promise<number> => {
  const began = performance.now();
  let first: number | null = null;
  for await (const spoken of converse({ url, key: null }, { message: MESSAGE })) {
    if (spoken.kind === 'delta') first ??= performance.now() - began;
  }
  if (first === null) throw new Error('The turn had no word before its end.');
  return first;
};

/** @param rounds pairs to measure */
export const firstTokens = (rounds: number): Promise<void> =>
  withDemoScene(async (scene) => {
    const pairs = await pairsOf(
      rounds,
      (round) => bare(scene, round),
      () => through(scene.url),
    );
    reportPairs('first token of the bare program, first word of a turn', pairs, '≤ 1.50');
  });
