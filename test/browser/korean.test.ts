/** In Korean nothing of the dashboard's own is left in English: every page is walked, and what is no data is looked at. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openScene, type Scene } from '../support/browser/scene.ts';

let scene: Scene;
const paths: Record<string, string> = {
  home: '/',
  chat: '/chat',
  agents: '/agents',
  'new agent': '/agents/new',
  runs: '/runs',
  'runs, filtered to none': '/runs?status=cancelled&since=day',
  usage: '/usage',
  settings: '/settings',
  'not found': '/nowhere',
};
const NAMES = [
  ...Object.keys(paths),
  'conversation',
  'conversation about a change',
  'agent',
  'agent settings',
  'agent history',
  'run',
  'denied run',
  'failed run',
];
/** What people wrote and what the model said, which nobody translates. */
const data: string[] = [];

/** Texts of the server's own in its answers: they are looked for like any other. */
const SERVERS_OWN = new Set(['hint', 'reason', 'mend', 'part', 'error', 'allowed', 'denied', 'message', 'title']);

const gather = (value: unknown, key = ''): void => {
  if (SERVERS_OWN.has(key)) return;
  if (typeof value === 'string') {
    // Whole, by lines, and as what stands between its marks of emphasis, code and links.
    for (const piece of [value, ...value.split('\n'), ...value.split(/[`*|\n[\]()]/)]) {
      data.push(
        piece
          .replace(/\s+/g, ' ')
          .trim()
          .replace(/^(\d+\.|-) /, ''),
      );
    }
  } else if (Array.isArray(value)) for (const one of value) gather(one, key);
  else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) gather(one, name);
};

const MESSAGE = '매일 9시에 notes.md 요약해 줘';

beforeAll(async () => {
  scene = await openScene();
  const { stage } = scene;
  const get = async (path: string): Promise<void> => gather((await stage.request('GET', path)).body);
  const { body: agent } = await stage.request('POST', '/agents', {
    name: '요약 담당',
    prompt: '[[demo:default]]',
    schedule: { cron: '0 9 * * 1', timezone: 'Asia/Seoul' },
    limits: { maxTurns: 5 },
  });
  await stage.request('PATCH', `/agents/${agent.id}`, { prompt: '[[demo:default]] 다시', model: 'claude-sonnet-4-5' });
  await stage.request('PATCH', `/agents/${agent.id}`, {
    limits: { maxTurns: null },
    requiredPackages: ['pandas==2.2.2'],
  });
  await stage.request('PATCH', `/agents/${agent.id}`, { requiredPackages: [], schedule: null });
  await stage.request('PATCH', `/agents/${agent.id}`, { schedule: { cron: '0 9 * * 1', timezone: 'Asia/Seoul' } });
  const { body: accepted } = await stage.request('POST', `/agents/${agent.id}/run`, {});
  const { body: turn } = await stage.request('POST', '/api/conversation', { message: MESSAGE });
  const about = { message: '매주 월요일 8시로 바꿔 줘', agentId: agent.id };
  const { body: change } = await stage.request('POST', '/api/conversation', about);
  const denied = await stage.run('[[demo:denied]]');
  const failed = await stage.run('[[demo:error-400]]');
  await stage.finish(accepted.executionId);
  for (const id of [accepted.executionId, denied.run.id, failed.run.id]) {
    for (const part of ['', '/events?limit=200', '/task']) await get(`/runs/${id}${part}`);
  }
  for (const id of [turn.conversationId, change.conversationId]) await get(`/api/conversations/${id}`);
  await get('/agents');
  await get('/runs');
  Object.assign(paths, {
    conversation: `/chat?conversation=${turn.conversationId}`,
    'conversation about a change': `/chat?conversation=${change.conversationId}`,
    agent: `/agents/${agent.id}`,
    'agent settings': `/agents/${agent.id}?tab=settings`,
    'agent history': `/agents/${agent.id}?tab=history`,
    run: `/runs/${accepted.executionId}`,
    'denied run': `/runs/${denied.run.id}`,
    'failed run': `/runs/${failed.run.id}`,
  });
}, 120_000);
afterAll(() => scene.close());

/** Every text that is shown or read out, but for code, and for the server's English, which is marked as such. */
const TEXTS = `(() => {
  const out = [];
  const skipped = 'code, kbd, pre, script, noscript, style, [lang=en]';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.currentNode; node !== null; node = walker.nextNode()) {
    if (node.nodeType === 3) {
      if (node.parentElement.closest(skipped) === null) out.push(node.nodeValue);
      continue;
    }
    if (node.closest(skipped) !== null) continue;
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext', 'aria-roledescription']) {
      if (node.hasAttribute(name)) out.push(node.getAttribute(name));
    }
  }
  out.push(document.title);
  return out;
})()`;

/** Names, units and notations that are the same in Korean. */
const SAME =
  /\b(bwrap|nsenter|unshare|uts|pid|net|mnt|ipc|cgroup|user|IANA|Read|curl|log|git|Node\.js|Slipway|API|ID|IDs|URL|cron|MiB|[KMG]B|CPU|GMT|UTC|US|JSON|Schema|MCP|Git|npm|npm|pip|Python|Claude Code|Ctrl|Esc|English|Asia|Seoul|Bash|WebFetch|WebSearch|POST|slipway doctor|git log|pandas|left-pad|workspace|[A-Z])\b/g;

const leftIn = (texts: readonly string[]): string[] =>
  texts
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => !data.some((one) => one === text || (text.length > 12 && one.includes(text))))
    .filter((text) => {
      let rest = text;
      for (const one of data) if (one.length > 5 && /[a-z]/i.test(one)) rest = rest.replaceAll(one, '');
      rest = rest.replace(SAME, '').replace(/[0-9a-f]{8}(-[0-9a-f]{4,12})*|\b[\w.-]+\.(md|txt|csv|com)\b/g, '');
      return /[A-Za-z]{2,}/.test(rest);
    });

const settle = async (page: Page): Promise<void> => {
  await page.locator('h1').first().waitFor();
  await page.locator('[role=status] .animate-pulse').first().waitFor({ state: 'detached' });
};

it.each(NAMES)('%s', async (name) => {
  const page = await scene.open(paths[name] ?? '', { language: 'ko' });
  await settle(page);
  expect(leftIn(await page.evaluate<string[]>(TEXTS))).toEqual([]);
  if (name.endsWith('run')) {
    for (const tab of ['파일', '작업']) {
      await page.getByRole('tab', { name: tab }).click();
      await settle(page);
      expect(leftIn(await page.evaluate<string[]>(TEXTS))).toEqual([]);
    }
  }
  expect(scene.complaints()).toEqual([]);
  await page.context().close();
});

it('the palette, the help, the dialogs, faults of a form, refusals of the server', async () => {
  const page = await scene.open('/agents/new', { language: 'ko' });
  await settle(page);
  const check = async (): Promise<void> => expect(leftIn(await page.evaluate<string[]>(TEXTS))).toEqual([]);
  await page.getByLabel('cron 표현식').or(page.getByRole('checkbox')).first().check();
  await page.getByLabel('cron 표현식').fill('매일');
  await page.getByLabel('시간대').fill('어딘가');
  await page.getByLabel('메모리(MiB)').fill('1');
  await page.getByLabel('시간(초)').fill('빨리');
  await page.getByLabel('허용할 도구').fill('?');
  await page.getByLabel('패키지').fill('../x');
  await page.getByLabel('접속할 수 있는 호스트').fill('http://x');
  await page.getByLabel('모델').fill('?');
  await page.getByRole('button', { name: '에이전트 만들기' }).click();
  await page.locator('[aria-invalid=true]').first().waitFor();
  expect(await page.locator('[aria-invalid=true]').count()).toBeGreaterThan(8);
  data.push('어딘가', '../x', 'http://x');
  await check();
  await page.goto(`${scene.stage.server().url}/ui${paths.agent}`);
  await page.getByRole('button', { name: '지금 실행' }).click();
  await page.getByRole('dialog').waitFor();
  await check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await check();
  await page.keyboard.press('Escape');
  await page.route('**/agents/*/run', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'store_unavailable', detail: 'The database is away.', hint: 'Try again.' }),
    }),
  );
  await page.getByRole('button', { name: '지금 실행' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '지금 실행' }).click();
  await page.getByText('지금은 데이터베이스를 쓸 수 없습니다.').waitFor();
  await check();
});
