/** Watching runs: events as they arrive, cancelling, files, filters, and a network that goes away. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Scenario } from '../../src/demo/scenario.ts';
import { openBreakableWay } from '../support/browser/breakable-way.ts';
import { openScene, type Scene } from '../support/browser/scene.ts';

const WAIT = { timeout: 20_000 };
const step = (number: number): Scenario['turns'][number] => ({
  blocks: [
    { type: 'text', text: `Step ${number} begins. `, chunk: 4, delayMs: 20 },
    { type: 'tool', name: 'Bash', input: { command: `echo result-of-${number}` } },
  ],
});

const SCENARIOS: Record<string, Scenario> = {
  steps: {
    about: 'Four steps with a tool each.',
    turns: [step(1), step(2), step(3), step(4), { blocks: [{ type: 'text', text: 'All **done**.' }] }],
  },
  endless: {
    about: 'Writes until it is stopped.',
    turns: [{ blocks: [{ type: 'text', text: 'And on it goes. '.repeat(2_000), chunk: 8, delayMs: 50 }] }],
  },
};

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ scenarios: SCENARIOS });
});
afterAll(() => scene.close());
afterEach(() => expect(scene.complaints()).toEqual([]));

const TOOLS = { allowedTools: ['Bash'] };

it('shows events as they arrive, then the outcome, tokens and phases', async () => {
  const id = await scene.stage.submit('[[demo:steps]] watch me', TOOLS);
  const page = await scene.open(`/runs/${id}`);
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await transcript.getByText('Step 1 begins.').first().waitFor(WAIT);
  // The first step is there while the run goes on.
  expect(await page.getByRole('button', { name: 'Cancel run' }).isVisible()).toBe(true);
  await transcript.getByText('result-of-4', { exact: true }).waitFor(WAIT);
  await page.getByRole('button', { name: 'Run again' }).waitFor(WAIT);
  await transcript.getByText('Finished').waitFor(WAIT);
  expect(await transcript.locator('strong').first().textContent()).toBe('done');
  expect(await page.getByText('Live', { exact: true }).count()).toBe(0);
  const { run } = await scene.stage.finish(id);
  const overview = page.getByRole('complementary', { name: 'Overview' });
  await overview.getByText(String(run.tokenUsage.outputTokens), { exact: true }).waitFor(WAIT);
  const phases = overview.getByRole('region', { name: 'Timeline' });
  for (const phase of ['Queued', 'Starting', 'Model', 'Tools']) {
    await phases.getByText(phase, { exact: true }).waitFor(WAIT);
  }
  expect(await page.getByRole('log').textContent()).toContain('The run has ended');
});

it('cancels a run', async () => {
  const id = await scene.stage.submit('[[demo:endless]]');
  const page = await scene.open(`/runs/${id}`);
  await page.getByText('And on it goes.').first().waitFor(WAIT);
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('button', { name: 'Run again' }).waitFor(WAIT);
  expect((await scene.stage.finish(id)).run.status).toBe('cancelled');
  expect(await page.getByRole('banner').or(page.locator('header')).getByText('Cancelled').first().isVisible()).toBe(
    true,
  );
});

it('goes on where it was when the network was cut in the middle of a run', async () => {
  const way = await openBreakableWay(scene.stage.server().url);
  const id = await scene.stage.submit('[[demo:steps]] over a bad line', TOOLS);
  const page = await scene.open(`/runs/${id}`, { url: way.url });
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await transcript.getByText('Step 1 begins.').first().waitFor(WAIT);
  way.cut();
  await page.getByRole('button', { name: 'Reconnecting…' }).waitFor(WAIT);
  await page.getByText('The server cannot be reached.').waitFor(WAIT);
  // The run does not know that nobody watches.
  const { events } = await scene.stage.finish(id);
  way.mend();
  await page.getByRole('button', { name: 'Run again' }).waitFor(WAIT);
  await page.getByText('The server cannot be reached.').waitFor({ ...WAIT, state: 'detached' });
  await transcript.getByText('result-of-4', { exact: true }).waitFor(WAIT);
  // No event is missing, and none is there twice.
  await page.getByRole('tab', { name: `Transcript ${events.length}` }).waitFor(WAIT);
  for (const number of [1, 2, 3, 4]) {
    expect(await transcript.getByText(`result-of-${number}`, { exact: true }).count()).toBe(1);
  }
  await page.close();
  await way.close();
});

it.each([
  { language: 'en', live: 'Live', offline: 'Offline' },
  { language: 'ko', live: '실시간', offline: '연결 끊김' },
] as const)('does not call a run live that it cannot reach ($language)', async ({ language, live, offline }) => {
  const id = await scene.stage.submit('[[demo:endless]] unreachable');
  const page = await scene.open(`/runs/${id}`, { language });
  const mark = (text: string) => page.getByRole('status').getByText(text, { exact: true });
  await mark(live).waitFor(WAIT);
  // The stream stands; whatever else is asked fails.
  await page.route(`**/runs/${id}`, (route) => route.abort());
  await mark(offline).waitFor(WAIT);
  expect(await mark(live).count()).toBe(0);
  await page.unroute(`**/runs/${id}`);
  await mark(live).waitFor(WAIT);
  expect(await mark(offline).count()).toBe(0);
  await scene.stage.request('POST', `/runs/${id}/cancel`);
  await page.close();
});

it('shows the difference of a file, a preview, and the bytes as a download', async () => {
  const { run } = await scene.stage.run('[[demo:write-file]] a line by the agent');
  const page = await scene.open(`/runs/${run.id}`);
  await page.getByRole('tab', { name: 'Files' }).click();
  const file = page.getByRole('listitem').filter({ hasText: 'hello.txt' });
  const diff = file.getByRole('region', { name: 'Difference: hello.txt' });
  await diff.waitFor(WAIT);
  expect(await diff.textContent()).toContain('+a line by the agent');
  await file.getByRole('button', { name: 'Preview' }).click();
  await file.getByRole('region', { name: 'Preview: hello.txt' }).waitFor(WAIT);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    file.getByRole('button', { name: 'Download: hello.txt' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('hello.txt');
});

it('marks a denial with the setting that would allow it', async () => {
  const { run } = await scene.stage.run('[[demo:denied]]');
  expect(run.permissionDenials).toHaveLength(1);
  const page = await scene.open(`/runs/${run.id}`);
  await page.getByText('Bash was not allowed.').waitFor(WAIT);
  expect(await page.locator('code', { hasText: /^Bash\(curl:\*\)$/ }).isVisible()).toBe(true);
});

it('filters by status and agent, in the address as well', async () => {
  const { body: agent } = await scene.stage.request('POST', '/agents', { name: 'Filtered', prompt: '[[demo:hello]]' });
  const { body: accepted } = await scene.stage.request('POST', `/agents/${agent.id}/run`, {});
  await scene.stage.finish(accepted.executionId);
  const failed = await scene.stage.run('[[demo:error-400]] refused');
  const page = await scene.open('/runs');
  await page.getByRole('link', { name: /refused/ }).waitFor(WAIT);
  await page.getByLabel('Agent').selectOption('Filtered');
  await page.getByRole('link', { name: /refused/ }).waitFor({ ...WAIT, state: 'detached' });
  await page.getByRole('link', { name: /Filtered/ }).waitFor(WAIT);
  expect(page.url()).toContain(`agent=${agent.id}`);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByLabel('Status').selectOption('Failed');
  await page.getByRole('link', { name: /Filtered/ }).waitFor({ ...WAIT, state: 'detached' });
  const again = await scene.open(new URL(page.url()).pathname.replace('/ui', '') + new URL(page.url()).search);
  await again.getByRole('link', { name: /refused/ }).click();
  await again.waitForURL(`**/ui/runs/${failed.run.id}`);
});

it('filters by time: what is asked for is what was made since', async () => {
  const { run } = await scene.stage.run('[[demo:hello]] just now');
  const page = await scene.open('/runs');
  await page.getByRole('link', { name: /just now/ }).waitFor(WAIT);
  const [asked] = await Promise.all([
    page.waitForRequest((request) => /\/runs\?.*from=/.test(request.url())),
    page.getByLabel('Time').selectOption('Last hour'),
  ]);
  const from = Date.parse(new URL(asked.url()).searchParams.get('from') ?? '');
  const hours = (Date.parse(run.createdAt) - from) / 3_600_000;
  expect(hours).toBeGreaterThan(0);
  expect(hours).toBeLessThan(2.1);
  await page.getByRole('link', { name: /just now/ }).waitFor(WAIT);
  // No run is made from the day after tomorrow on.
  const future = new Date(Date.now() + 2 * 86_400_000).toISOString();
  await page.route('**/runs?*', (route) => {
    const url = new URL(route.request().url());
    if (url.searchParams.has('from')) url.searchParams.set('from', future);
    return route.continue({ url: String(url) });
  });
  await page.getByLabel('Time').selectOption('Last 7 days');
  await page.getByText('No run fits these filters.').waitFor(WAIT);
});

it('takes a failed run to the chat, with how it failed', async () => {
  const { run } = await scene.stage.run('[[demo:error-400]] to be mended');
  const page = await scene.open(`/runs/${run.id}`);
  await page.getByRole('link', { name: 'Fix it in chat' }).click();
  const about = page.getByRole('region', { name: 'This conversation is about' });
  await about.getByText('The model service refused the request.').waitFor(WAIT);
  await about.getByRole('link', { name: /to be mended/ }).waitFor(WAIT);
  expect(await page.getByLabel('Message').inputValue()).toContain('did not go well');
  const [asked] = await Promise.all([
    page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/api/conversation')),
    page.getByRole('button', { name: 'Send' }).click(),
  ]);
  expect(asked.postDataJSON()).toMatchObject({ runId: run.id });
  await page.waitForURL('**/ui/chat?conversation=*');
  await page.getByText('Designer').first().waitFor(WAIT);
});
