/** Revisions of an agent over HTTP: what it was, and how to go back to it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AgentRevisionView, AgentView } from '../../src/api/agent-schemas.ts';
import { schemas } from '../../src/api/schemas.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

let bench: Bench;
let agent: AgentView;
beforeAll(async () => {
  bench = await openBench();
  agent = await readJson(await bench.call('POST', '/agents', { name: 'One', prompt: 'first', model: 'some-model' }));
  bench.clock.advance(60_000);
  await bench.call('PATCH', `/agents/${agent.id}`, { prompt: 'second', model: null });
  bench.clock.advance(60_000);
  await bench.call('PATCH', `/agents/${agent.id}`, { schedule: { cron: '0 9 * * 1' }, status: 'paused' });
});
afterAll(() => bench.close());

interface RevisionPage {
  readonly data: readonly AgentRevisionView[];
  readonly nextPage: string | null;
}
const page = async (query = ''): Promise<RevisionPage> =>
  readJson<RevisionPage>(await bench.call('GET', `/agents/${agent.id}/revisions${query}`));

it('lists them all, newest first, each as it was decided', async () => {
  const { data, nextPage } = await page();
  expect(nextPage).toBeNull();
  expect(data.map(({ revision, prompt, updatedAt }) => [revision, prompt, updatedAt])).toEqual([
    [3, 'second', '2026-03-01T12:02:00.000Z'],
    [2, 'second', '2026-03-01T12:01:00.000Z'],
    [1, 'first', '2026-03-01T12:00:00.000Z'],
  ]);
  expect(data[0]).toMatchObject({ status: 'paused', schedule: { cron: '0 9 * * 1', timezone: 'UTC' } });
  expect(data[1]).not.toHaveProperty('model');
  expect(data[2]).toMatchObject({ name: 'One', model: 'some-model', limits: agent.limits, status: 'active' });
  for (const one of data) expect(schemas.AgentRevision.strict().safeParse(one).error).toBeUndefined();
});

it('gives them page by page', async () => {
  const seen: number[][] = [];
  let next: string | null = null;
  do {
    const given: RevisionPage = await page(`?limit=2${next === null ? '' : `&page=${next}`}`);
    seen.push(given.data.map(({ revision }) => revision));
    next = given.nextPage;
  } while (next !== null);
  expect(seen).toEqual([[3, 2], [1]]);
});

it('shows nobody else any', async () => {
  const response = await bench.call('GET', `/agents/${agent.id}/revisions`, undefined, { 'x-user-id': 'eve' });
  await expectProblem(response, { code: 'not_found', detail: `There is no agent ${agent.id}.` });
});
