/**
 * The step that runs the program, and brings everything out whatever became of it:
 *
 *   claim the attempt ──▶ supervise ──▶ upload output, changed files ──▶ `end`, the last object
 *
 * Of two builds of the same attempt one gets the claim; the other ends here, having done nothing.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from './collect.ts';
import { sign } from './frame.ts';
import { type EndFile, type JobFile, OBJECTS, PATHS } from './job-file.ts';
import { createRunnerObjects } from './objects.ts';
import { takeSecrets } from './secrets.ts';
import { supervise, wishIn } from './supervise.ts';
import { openTail } from './tail.ts';

// Before anything else: nothing that is started from here on has them.
const secrets = takeSecrets(process.env);
// Decoder of the executor's own file.
const job = JSON.parse(readFileSync(join(PATHS.own, 'job.json'), 'utf8')) as JobFile;
const buildId = process.env.SLIPWAY_BUILD_ID ?? '';
const objects = createRunnerObjects(job, secrets);
const streams = {
  stdin: join(PATHS.own, 'stdin'),
  stdout: join(PATHS.out, OBJECTS.stdout),
  stderr: join(PATHS.out, OBJECTS.stderr),
};

const bringOut = async (): Promise<string | null> => {
  const [index, contents] = [join(PATHS.out, OBJECTS.files), join(PATHS.out, OBJECTS.contents)];
  try {
    collect(job, index, contents);
    await Promise.all([objects.put(OBJECTS.files, { file: index }), objects.put(OBJECTS.contents, { file: contents })]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const main = async (): Promise<void> => {
  if (!(await objects.put(OBJECTS.inside, buildId)) && (await objects.get(OBJECTS.inside)) !== buildId) {
    process.stdout.write('Another build executes this job: nothing was done.\n');
    return;
  }
  mkdirSync(PATHS.out, { recursive: true, mode: 0o700 });
  for (const path of [streams.stdout, streams.stderr]) writeFileSync(path, '', { mode: 0o600 });
  const tail = openTail(job, secrets, streams);
  const wish = wishIn(objects, OBJECTS.kill);
  const ended = await supervise(job, streams, tail, wish);
  const [filesError] = await Promise.all([
    bringOut(),
    objects.put(OBJECTS.stdout, { file: streams.stdout }),
    objects.put(OBJECTS.stderr, { file: streams.stderr }),
  ]);
  // The place lives until `end` is there: whoever asked before that is told so, also when the program ended by itself.
  const killed = ended.killed ?? (await wish().catch(() => null));
  const end: EndFile = { ...ended, killed, filesError };
  const text = JSON.stringify(end);
  await objects.put(OBJECTS.end, `${sign(Buffer.from(secrets.key, 'base64'), text)}\n${text}`);
  await tail.finish();
};

await main();
