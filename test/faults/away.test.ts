/** A server that is away for a while in the middle of a run: the CLI asks again and again until its socket answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';

/** Time itself is what is tested. The waits between the CLI's ten tries double to about 35 s, some 160 s in all. */
const AWAY_MS = 15_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

it('a run whose next request finds no server succeeds when one is there again', async () => {
  const id = await stage.submit('[[demo:bash]] touch begun; sleep 2; echo done', {
    permissionMode: 'bypassPermissions',
  });
  const response = await fetch(`${stage.server().url}/runs/${id}/events`, { headers: { accept: 'text/event-stream' } });
  let heard = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    heard += chunk;
    // The answer is whole then; the next request comes when the command has ended.
    if (heard.includes('event: agent.tool_use')) break;
  }
  await stage.server().kill('SIGKILL');
  await sleep(AWAY_MS);
  await stage.restart();
  const { run, events } = await stage.finish(id);
  expect(run.status, JSON.stringify(run.error)).toBe('succeeded');
  const retries = events.filter(({ type, data }) => type === 'log' && data.text.includes('"api_retry"'));
  expect(retries.length).toBeGreaterThan(3);
}, 120_000);
