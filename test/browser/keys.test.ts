/** API keys in the settings: made, shown once, used, revoked; where none is asked for, none is made. */
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openScene, type Scene } from '../support/browser/scene.ts';

const WAIT = { timeout: 20_000 };

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
afterEach(() => expect(scene.complaints()).toEqual([]));

const firstKey = (dataDir: string): string => {
  const made = spawnSync(process.execPath, ['src/cli/main.ts', 'keys', 'create', '--name', 'first'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, SLIPWAY_DATA_DIR: dataDir },
  });
  const key = /slw_[0-9a-f]+/.exec(made.stdout)?.[0];
  if (key === undefined) throw new Error(`No key was made: ${made.stdout}${made.stderr}`);
  return key;
};

it('makes a key whose secret is shown this once, and revokes it after asking', async () => {
  const server = await scene.stage.second({ SLIPWAY_AUTH: 'api-key' });
  const page = await scene.open('/settings', { url: server.url });
  await page.getByLabel('API key').fill(firstKey(server.dataDir));
  await page.getByRole('button', { name: 'Sign in' }).click();
  const keys = page.getByRole('region', { name: 'API keys' });
  await keys.getByText('used here').waitFor(WAIT);
  await keys.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('button', { name: 'Create' }).isDisabled()).toBe(true);
  await dialog.getByLabel('What is it for?').fill('build server');
  await page.keyboard.press('Enter');
  const secret = await dialog.getByLabel('The key', { exact: true }).inputValue(WAIT);
  expect(secret).toMatch(/^slw_[0-9a-f]{64}$/);
  const me = () => fetch(`${server.url}/me`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await me()).status).toBe(200);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await dialog.getByRole('button', { name: 'Copy the key' }).click();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret);
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await page.content()).not.toContain(secret);
  await page.reload();
  await keys.getByText('build server').waitFor(WAIT);
  expect(await page.content()).not.toContain(secret);

  const revoke = keys.getByRole('button', { name: 'Revoke: build server' });
  await revoke.click();
  await dialog.getByText('This cannot be undone.').waitFor(WAIT);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect((await me()).status).toBe(200);
  await revoke.click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('“build server” is revoked.').waitFor(WAIT);
  expect((await me()).status).toBe(401);
  await revoke.waitFor({ state: 'detached' });
  await keys.getByRole('button', { name: 'Revoke: first' }).click();
  await dialog.getByText('It is the key that this browser uses').waitFor(WAIT);
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor(WAIT);
});

it('says why there are none where nobody is asked for one', async () => {
  const page = await scene.open('/settings');
  const keys = page.getByRole('region', { name: 'API keys' });
  await keys.getByText('This server asks nobody for a key.').waitFor(WAIT);
  expect(await keys.getByRole('button', { name: 'New key' }).count()).toBe(0);
});
