/** The history of an agent: what each revision changed, and the way back. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openScene, type Scene } from '../support/browser/scene.ts';

const WAIT = { timeout: 20_000 };

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
afterEach(() => expect(scene.complaints()).toEqual([]));

const PROMPT = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join('\n');

const made = async (): Promise<string> => {
  const { stage } = scene;
  const { body } = await stage.request('POST', '/agents', {
    name: 'Historian',
    prompt: PROMPT,
    model: 'claude-sonnet-4-5',
    limits: { maxTurns: 5 },
  });
  await stage.request('PATCH', `/agents/${body.id}`, {
    prompt: PROMPT.replace('line 20', 'line twenty <b>x</b>'),
    model: null,
    limits: { maxTurns: null, timeoutSeconds: 600 },
  });
  await stage.request('PATCH', `/agents/${body.id}`, { schedule: { cron: '0 9 * * 1' }, status: 'paused' });
  return body.id;
};
const read = async (id: string) => (await scene.stage.request('GET', `/agents/${id}`)).body;

it('shows what each revision changed, and restores one as a new revision', async () => {
  const id = await made();
  const page = await scene.open(`/agents/${id}`);
  await page.getByRole('tab', { name: 'History' }).click();
  await page.waitForURL('**?tab=history');
  const second = page.getByRole('listitem').filter({ hasText: 'Revision 2' });
  await second.getByText('line twenty <b>x</b>').waitFor(WAIT);
  const text = await second.textContent();
  expect(text).toContain('line 20');
  // Far from the change the prompt is left out.
  expect(text).not.toContain('line 10');
  expect(await second.locator('del, ins').allTextContents()).toEqual(['claude-sonnet-4-5', '300', '600', '5']);
  await page.getByText('The agent was made.').waitFor();
  expect(await page.getByText('current', { exact: true }).count()).toBe(1);

  await page.getByRole('button', { name: 'Restore revision 1' }).click();
  await page.getByText('Revision 1 is restored, as revision 4.').waitFor(WAIT);
  await page.getByRole('heading', { name: 'Revision 4' }).waitFor(WAIT);
  const agent = await read(id);
  expect(agent).toMatchObject({
    prompt: PROMPT,
    model: 'claude-sonnet-4-5',
    limits: { maxTurns: 5, timeoutSeconds: 300 },
  });
  expect(agent).not.toHaveProperty('schedule');
  expect(agent.status).toBe('paused');
});

it('restores nothing over what somebody else changed meanwhile', async () => {
  const id = await made();
  const page = await scene.open(`/agents/${id}?tab=history`);
  const restore = page.getByRole('button', { name: 'Restore revision 2' });
  await restore.waitFor(WAIT);
  await scene.stage.request('PATCH', `/agents/${id}`, { prompt: 'theirs' });
  await restore.click();
  await page.getByText(`Agent ${id} is at revision 4, which If-Match does not name.`).waitFor(WAIT);
  expect((await read(id)).prompt).toBe('theirs');
  await page.getByRole('heading', { name: 'Revision 4' }).waitFor(WAIT);
});
