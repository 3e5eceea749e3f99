/**
 * Records the golden transcripts anew: `node test/harness/record.ts [name…]`. The real CLI runs against the demo model;
 * its output is kept with the folders of this machine replaced by those of a place. Afterwards
 * `vitest run test/harness/golden.test.ts -u` writes what the harness makes of them: read that before it is committed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { openDemoModel } from '../../src/demo/server.ts';
import { CLAUDE_CODE_VERSION } from '../../src/harnesses/claude-code/harness.ts';
import { PLACE } from '../../src/ports/executor.ts';
import { type Desk, openDesk, projectOf, startClaude } from './claude-process.ts';
import { sampleRun } from './sample-run.ts';
import { GOLDEN, type Golden } from './scenarios.ts';

const folder = new URL(`../fixtures/claude-code/${CLAUDE_CODE_VERSION}/`, import.meta.url);

const asInPlace = (text: string, desk: Desk, modelUrl: string): string =>
  text
    .replaceAll(projectOf(desk), '-workspace')
    .replaceAll(desk.workspace, PLACE.workspace)
    .replaceAll(desk.home, PLACE.home)
    .replaceAll(modelUrl, 'http://model.test')
    .replaceAll(new URL(modelUrl).host, 'model.test');

const record = async (golden: Golden, modelUrl: string): Promise<void> => {
  const desk = await openDesk();
  try {
    const claude = await startClaude(desk, modelUrl, sampleRun(golden.task));
    if (golden.interruption !== undefined) {
      const { after, signal } = golden.interruption;
      await claude.until((stdout) => stdout.includes(after));
      process.kill(claude.pid, signal);
    }
    const { code, signal, stdout, stderr } = await claude.end;
    const about = { code, signal, stderr: asInPlace(stderr, desk, modelUrl) };
    await writeFile(new URL(`${golden.name}.jsonl`, folder), asInPlace(stdout, desk, modelUrl));
    await writeFile(new URL(`${golden.name}.exit.json`, folder), `${JSON.stringify(about, null, 2)}\n`);
    process.stdout.write(`${golden.name}: exit ${code ?? signal}\n`);
  } finally {
    await desk.remove();
  }
};

const wanted = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const model = await openDemoModel();
try {
  for (const golden of GOLDEN) {
    if (wanted.length === 0 || wanted.includes(golden.name)) await record(golden, model.url);
  }
} finally {
  await model.close();
}
