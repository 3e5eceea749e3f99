/**
 * What the harness makes of recorded outputs of the real CLI, compared with what was read and found right:
 * `NAME.expected.txt` beside each transcript. `record.ts` says how to make them anew.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EventDraft } from '../../src/core/events.ts';
import { CLAUDE_CODE_VERSION } from '../../src/harnesses/claude-code/harness.ts';
import { harness, readAll } from './claude-process.ts';
import { ended, sampleRun } from './sample-run.ts';
import { GOLDEN, type Golden } from './scenarios.ts';

const folder = new URL(`../fixtures/claude-code/${CLAUDE_CODE_VERSION}/`, import.meta.url);
const file = (name: string): string => fileURLToPath(new URL(name, folder));

const describeEvent = (event: EventDraft): string => {
  const text = JSON.stringify(event.data);
  // The lines that logs keep are in the transcript already.
  return `${event.type} ${event.type === 'log' ? text.slice(0, 110) : text}`;
};

const judgementOf = async (golden: Golden): Promise<string> => {
  const run = sampleRun(golden.task);
  const stdout = await readFile(file(`${golden.name}.jsonl`), 'utf8');
  const exit = JSON.parse(await readFile(file(`${golden.name}.exit.json`), 'utf8'));
  const { seen, readings } = readAll(stdout, exit.stderr);
  const verdict = harness.conclude(run, seen, ended({ code: exit.code, signal: exit.signal }));
  const deltas = readings.flatMap((reading) => reading.deltas);
  return [
    ...readings.flatMap((reading) => reading.events).map(describeEvent),
    ...verdict.events.map(describeEvent),
    `-- ${deltas.length} deltas, ${readings.flatMap((reading) => reading.denials).length} denials, model ${readings.findLast((reading) => reading.model !== null)?.model ?? null}`,
    JSON.stringify(verdict.conclusion, null, 2),
    '',
  ].join('\n');
};

describe(`golden transcripts of Claude Code ${CLAUDE_CODE_VERSION}`, () => {
  it.each(GOLDEN)('$name', async (golden) => {
    await expect(await judgementOf(golden)).toMatchFileSnapshot(file(`${golden.name}.expected.txt`));
  });

  it.each(GOLDEN)('$name: the deltas are the beginning of the message that follows', async ({ name }) => {
    const { readings } = readAll(await readFile(file(`${name}.jsonl`), 'utf8'));
    const written = new Map<string, string>();
    for (const delta of readings.flatMap((reading) => reading.deltas)) {
      if (delta.kind === 'text') written.set(delta.messageId, (written.get(delta.messageId) ?? '') + delta.text);
    }
    const told = new Map<string, string>();
    for (const { type, data } of readings.flatMap((reading) => reading.events)) {
      if (type !== 'agent.message') continue;
      const text = data.content.map((block) => (typeof block.text === 'string' ? block.text : '')).join('');
      told.set(data.messageId, (told.get(data.messageId) ?? '') + text);
    }
    for (const [id, text] of told) expect(text.startsWith(written.get(id) ?? '')).toBe(true);
  });
});
