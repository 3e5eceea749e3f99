/** Agents: made by chat and by form, run, changed, deleted and taken back. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openBreakableWay } from '../support/browser/breakable-way.ts';
import { openScene, type Scene } from '../support/browser/scene.ts';

const WAIT = { timeout: 20_000 };

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
afterEach(() => expect(scene.complaints()).toEqual([]));

const agents = async (): Promise<{ id: string; name: string; prompt: string; schedule?: { cron: string } }[]> =>
  (await scene.stage.request('GET', '/agents')).body.data;

it('makes an agent by chat: what it would mean is shown, it is tried once, created, and found again', async () => {
  const page = await scene.open('/chat');
  await page.getByLabel('Message').fill('Summarise notes.md every Monday at 9');
  await page.keyboard.press('Enter');
  const proposal = page.getByRole('region', { name: 'Proposal' });
  await proposal.waitFor(WAIT);
  expect(await proposal.textContent()).toMatch(/What it means.*9:00.*no network/s);
  expect(await agents()).toEqual([]);
  await proposal.getByRole('button', { name: 'Try once' }).click();
  await page.waitForURL('**/ui/runs/*');
  await page.getByRole('button', { name: 'Run again' }).waitFor(WAIT);
  expect(await agents()).toEqual([]);
  await page.getByRole('link', { name: 'Chat', exact: true }).click();
  await page
    .getByRole('navigation', { name: 'Conversations' })
    .getByRole('link', { name: /Summarise/ })
    .click();
  await page.getByRole('region', { name: 'Proposal' }).getByRole('button', { name: 'Create agent' }).click();
  await page.waitForURL('**/ui/agents/*');
  const [agent] = await agents();
  expect(agent?.schedule?.cron).toBe('0 9 * * 1');
  await page.getByRole('button', { name: 'Run now' }).first().click();
  await page.getByLabel('Input for this run').fill('Only the first page.');
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL('**/ui/runs/*');
  await page.getByRole('button', { name: 'Run again' }).waitFor(WAIT);
  await page.getByRole('tab', { name: 'Task' }).click();
  await page.getByText('Only the first page.').waitFor(WAIT);
});

it('tells what is wrong with a form before it is sent, by the rules of the server', async () => {
  const page = await scene.open('/agents/new');
  await page.getByLabel('Name').fill('By hand');
  await page.getByRole('checkbox', { name: 'Run on a schedule' }).check();
  await page.getByLabel('Cron line').fill('every day');
  await page.getByLabel('Memory (MiB)').fill('1');
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') asked.push(request.url());
  });
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.getByText('must be five cron fields').waitFor(WAIT);
  expect(await page.locator('[aria-invalid="true"]').count()).toBe(3);
  expect(await page.evaluate('document.activeElement.getAttribute("aria-invalid")')).toBe('true');
  expect(asked).toEqual([]);
  await page.getByLabel('Prompt').fill('[[demo:hello]]');
  await page.getByLabel('Cron line').fill('0 9 * * 1');
  await page.getByLabel('Memory (MiB)').fill('512');
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.waitForURL(/\/ui\/agents\/[0-9a-f-]{36}$/);
  await page.getByRole('heading', { name: 'By hand' }).waitFor(WAIT);
});

it('changes the settings, and says when somebody else did so meanwhile', async () => {
  const { body: agent } = await scene.stage.request('POST', '/agents', { name: 'Shared', prompt: 'first' });
  const page = await scene.open(`/agents/${agent.id}?tab=settings`);
  await page.getByLabel('Prompt').fill('second');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Saved.').waitFor(WAIT);
  await scene.stage.request('PATCH', `/agents/${agent.id}`, { prompt: 'theirs' });
  await page.getByLabel('Prompt').fill('mine');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Somebody else changed this agent meanwhile.').waitFor(WAIT);
  expect((await scene.stage.request('GET', `/agents/${agent.id}`)).body.prompt).toBe('theirs');
  await page.getByRole('button', { name: 'Save over them' }).click();
  await expect.poll(async () => (await scene.stage.request('GET', `/agents/${agent.id}`)).body.prompt).toBe('mine');
});

it('deletes an agent only once the time to take it back is over', async () => {
  const { body: agent } = await scene.stage.request('POST', '/agents', { name: 'Fleeting', prompt: 'x' });
  const status = async () => (await scene.stage.request('GET', `/agents/${agent.id}`)).status;
  const page = await scene.open(`/agents/${agent.id}`);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL('**/ui/agents');
  await page.getByText('“Fleeting” is deleted.').waitFor(WAIT);
  expect(await page.getByRole('link', { name: /Fleeting/ }).count()).toBe(0);
  expect(await status()).toBe(200);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: /Fleeting/ }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL('**/ui/agents');
  // Leaving the page is as good as waiting.
  await page.goto('about:blank');
  await expect.poll(status, { timeout: 10_000 }).toBe(404);
});

it('shows a conversation that was deleted nowhere meanwhile, and deletes it though the page is left', async () => {
  const said = async (message: string): Promise<string> =>
    (await scene.stage.request('POST', '/api/conversation', { message })).body.conversationId;
  const [kept, early, late] = await Promise.all([
    said('Count the files every day at 7'),
    said('List the files every day at 8'),
    said('Sort the files every day at 9'),
  ]);
  const status = async (id: string) => (await scene.stage.request('GET', `/api/conversations/${id}`)).status;
  const page = await scene.open(`/chat?conversation=${kept}`);
  const history = page.getByRole('navigation', { name: 'Conversations' });
  await page.getByRole('button', { name: 'Delete: List the files every day at 8' }).click();
  await page.getByText('The conversation is deleted.').waitFor(WAIT);
  // The list that is asked for after a turn still has it.
  const again = page.waitForResponse((answer) => /\/conversations\?/.test(answer.url()));
  await page.getByLabel('Message').fill('Thank you');
  await page.keyboard.press('Enter');
  await again;
  await page.getByText('Thank you').first().waitFor(WAIT);
  expect(await history.getByRole('link', { name: /List the files/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Delete: Sort the files every day at 9' }).click();
  await page.goto('about:blank');
  await expect.poll(async () => [await status(early), await status(late)], { timeout: 10_000 }).toEqual([404, 404]);
  expect(await status(kept)).toBe(200);
});

it('takes up the list of conversations again by itself when the server is back', async () => {
  await scene.stage.request('POST', '/api/conversation', { message: 'Weigh the files every day at 6' });
  const way = await openBreakableWay(scene.stage.server().url);
  const page = await scene.open('/chat', { url: way.url });
  const link = page.getByRole('link', { name: /Weigh the files/ });
  await page.getByRole('button', { name: 'Delete: Weigh the files every day at 6' }).click();
  way.cut();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('The server cannot be reached.').waitFor(WAIT);
  way.mend();
  await link.waitFor(WAIT);
  expect(await page.getByText('This could not be loaded.').count()).toBe(0);
  await page.close();
  await way.close();
});

it('shows the whole of a short prompt that has many lines, before anything is created', async () => {
  const page = await scene.open('/chat', { language: 'ko' });
  await page.getByRole('textbox').fill('매일 9시에 메모 요약해 줘');
  await page.keyboard.press('Enter');
  const proposal = page.getByRole('region', { name: '제안' });
  await proposal.getByRole('button', { name: '모두 보기' }).click();
  await proposal.getByRole('button', { name: '접기' }).waitFor(WAIT);
});

it('asks for a key where the server wants one', async () => {
  const server = await scene.stage.second({ SLIPWAY_AUTH: 'api-key' });
  const page = await scene.open('/runs', { url: server.url });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor(WAIT);
  await page.getByLabel('API key').fill('slw_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The server does not know this key').waitFor(WAIT);
  const { spawnSync } = await import('node:child_process');
  const made = spawnSync(
    process.execPath,
    ['src/cli/main.ts', 'keys', 'create', '--name', 'browser', '--user', 'local'],
    {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, SLIPWAY_DATA_DIR: server.dataDir },
    },
  );
  const key = /slw_[0-9a-f]+/.exec(made.stdout)?.[0];
  if (key === undefined) throw new Error(`No key was made: ${made.stdout}${made.stderr}`);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Runs' }).waitFor(WAIT);
  await page.reload();
  await page.getByRole('heading', { name: 'Runs' }).waitFor(WAIT);
});
