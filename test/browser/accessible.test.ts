/** Every page by keyboard, by axe, in both languages and themes, on a desktop and on a phone. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, PHONE, type Scene } from '../support/browser/scene.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let scene: Scene;
const paths: Record<string, string> = {
  home: '/',
  chat: '/chat',
  agents: '/agents',
  'new agent': '/agents/new',
  runs: '/runs',
  usage: '/usage',
  settings: '/settings',
  'not found': '/nowhere',
};
beforeAll(async () => {
  scene = await openScene();
  const { stage } = scene;
  const { body: agent } = await stage.request('POST', '/agents', {
    name: 'Reader',
    prompt: '[[demo:default]]',
    schedule: { cron: '0 9 * * 1', timezone: 'Asia/Seoul' },
  });
  const { body: accepted } = await stage.request('POST', `/agents/${agent.id}/run`, {});
  const { body: turn } = await stage.request('POST', '/api/conversation', {
    message: 'Summarise notes.md every day at 9',
  });
  const denied = await stage.run('[[demo:denied]]');
  await stage.run('[[demo:error-400]]');
  await stage.finish(accepted.executionId);
  paths.conversation = `/chat?conversation=${turn.conversationId}`;
  paths.agent = `/agents/${agent.id}`;
  paths['agent settings'] = `/agents/${agent.id}?tab=settings`;
  paths.run = `/runs/${accepted.executionId}`;
  paths['denied run'] = `/runs/${denied.run.id}`;
}, 90_000);
afterAll(() => scene.close());

/** Waits until nothing is being loaded any more. */
const settle = async (page: Page): Promise<void> => {
  await page.locator('h1').first().waitFor();
  await page.getByText('Loading…').first().waitFor({ state: 'detached' });
  await page.locator('[role=status] .animate-pulse').first().waitFor({ state: 'detached' });
};

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

const faultsOf = async (page: Page): Promise<string[]> => {
  await page.evaluate(AXE);
  const found: Violation[] = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join('; ')}`,
    );
};

const NAMES = [...Object.keys(paths), 'conversation', 'agent', 'agent settings', 'run', 'denied run'];

describe.each(['light', 'dark'] as const)('axe, %s', (theme) => {
  it.each(NAMES)('finds nothing serious: %s', async (name) => {
    const page = await scene.open(paths[name] ?? '', { theme });
    await settle(page);
    expect(await faultsOf(page)).toEqual([]);
    await page.setViewportSize(PHONE);
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(scene.complaints()).toEqual([]);
    await page.context().close();
  });
});

it('is used with the keyboard alone', async () => {
  const page = await scene.open('/');
  await settle(page);
  const { keyboard } = page;
  await keyboard.press('g');
  await keyboard.press('r');
  await page.waitForURL('**/ui/runs');
  await page.locator('main [data-row]').first().waitFor();
  await keyboard.press('j');
  await keyboard.press('j');
  await keyboard.press('k');
  expect(await page.evaluate('document.activeElement === document.querySelector("main [data-row]")')).toBe(true);
  await keyboard.press('Enter');
  await page.waitForURL('**/ui/runs/*-*');
  await page.getByRole('tab', { name: /Transcript/ }).focus();
  await keyboard.press('ArrowRight');
  await expect.poll(() => page.getByRole('tab', { name: 'Files' }).getAttribute('aria-selected')).toBe('true');
  await keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to…' }).waitFor();
  await keyboard.type('read');
  await keyboard.press('Enter');
  await page.waitForURL(`**/ui${paths.agent}`);
  await page.getByRole('heading', { name: 'Reader' }).waitFor();
  expect(scene.complaints()).toEqual([]);
});

it('has a way past the menu, and a focus that follows to the new page', async () => {
  const page = await scene.open('/');
  await settle(page);
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
  await page.getByRole('link', { name: 'Usage' }).click();
  await page.getByRole('heading', { name: 'Usage' }).waitFor();
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
});

it('speaks Korean and goes dark when told to, and remembers both', async () => {
  const page = await scene.open('/settings');
  await settle(page);
  await page.getByRole('combobox', { name: 'Language' }).selectOption('한국어');
  await page.getByRole('heading', { name: '설정' }).waitFor();
  await page.getByRole('combobox', { name: '테마' }).selectOption('어둡게');
  const look = () => page.evaluate('[document.documentElement.lang, document.documentElement.dataset.theme]');
  expect(await look()).toEqual(['ko', 'dark']);
  await page.reload();
  await page.getByRole('heading', { name: '설정' }).waitFor();
  expect(await look()).toEqual(['ko', 'dark']);
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  expect(await look()).toEqual(['en', 'dark']);
});

it('takes its language and theme from the system at first', async () => {
  const page = await scene.open('/', { language: 'ko', theme: 'dark' });
  await page.getByRole('heading', { name: '홈' }).waitFor();
  expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
  expect(await page.evaluate('document.documentElement.lang')).toBe('ko');
});
