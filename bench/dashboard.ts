/**
 * `node bench/dashboard.ts DATA_DIR RUN_ID`: the dashboard in a real browser over a seeded installation (bench/seed.ts):
 * when the largest content is painted, how long an interaction takes until it is painted, when a run with many events can
 * be used, and how evenly it scrolls.
 */
import { type Browser, chromium, type Page } from 'playwright-core';
import { openApp } from '../src/app.ts';
import { parseConfig } from '../src/config.ts';
import { createLogger } from '../src/system/logger.ts';

const [, , dataDir = './.slipway-seeded', longRun = ''] = process.argv;
const ROUNDS = 5;
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const SIZE = { width: 1280, height: 800 };

/** Before the page's own scripts: notes paints, and how long each interaction took until its paint. */
const OBSERVE = `
  window.lcp = 0; window.slowest = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.lcp = entry.startTime; })
    .observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId) window.slowest = Math.max(window.slowest, entry.duration);
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
`;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const numberOf = async (page: Page, expression: string): Promise<number> => Number(await page.evaluate(expression));

const withPage = async <Result>(browser: Browser, work: (page: Page) => Promise<Result>): Promise<Result> => {
  const context = await browser.newContext({ viewport: SIZE });
  const page = await context.newPage();
  await page.addInitScript(OBSERVE);
  const result = await work(page);
  await context.close();
  return result;
};

const lcp = (browser: Browser, url: string, ready: string): Promise<number> =>
  withPage(browser, async (page) => {
    await page.goto(url);
    await page.locator(ready).first().waitFor();
    await page.waitForLoadState('networkidle');
    return numberOf(page, 'window.lcp');
  });

/** Walks, filters and leafs through the list of runs; the slowest interaction of all. */
const interaction = (browser: Browser, url: string): Promise<number> =>
  withPage(browser, async (page) => {
    await page.goto(`${url}/ui/runs`);
    await page.locator('main [data-row]').first().waitFor();
    for (let key = 0; key < 30; key += 1) await page.keyboard.press('j');
    await page.getByLabel('Status').selectOption('failed');
    await page.locator('main [data-row]').first().waitFor();
    await page.keyboard.press('t');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to…' }).fill('log');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log triage' }).waitFor();
    return numberOf(page, 'window.slowest');
  });

/** From the navigation until all events are in and an item can be opened. */
const runReady = (browser: Browser, url: string): Promise<readonly [first: number, all: number]> =>
  withPage(browser, async (page) => {
    await page.goto(`${url}/ui/runs/${longRun}`);
    const transcript = page.getByRole('region', { name: 'Transcript' });
    await transcript.locator('li').first().waitFor();
    const first = await numberOf(page, 'performance.now()');
    await page.getByRole('tab', { name: /10,00\d/ }).waitFor();
    return [first, await numberOf(page, 'performance.now()')];
  });

/** Scrolls through the long run; the share of frames that came in time for 60 a second, and the slowest one in ms. */
const scrolling = (browser: Browser, url: string): Promise<readonly [share: number, slowest: number]> =>
  withPage(browser, async (page) => {
    await page.goto(`${url}/ui/runs/${longRun}`);
    await page.getByRole('tab', { name: /10,00\d/ }).waitFor();
    const frames: number[] = await page.evaluate(`new Promise((done) => {
      const box = document.querySelector('section[aria-label=Transcript]');
      const frames = []; let last = performance.now();
      const step = (now) => {
        frames.push(now - last); last = now;
        box.scrollTop += 120;
        if (frames.length < 240) requestAnimationFrame(step); else done(frames.slice(5));
      };
      requestAnimationFrame(step);
    })`);
    return [frames.filter((ms) => ms < 20).length / frames.length, Math.max(...frames)];
  });

const times = async <Result>(work: () => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = [];
  for (let round = 0; round < ROUNDS; round += 1) results.push(await work());
  return results;
};

const config = parseConfig({ SLIPWAY_DATA_DIR: dataDir, PORT: '0', SLIPWAY_RATE_LIMIT: '0' });
const app = await openApp(
  config,
  createLogger('error', (line) => process.stderr.write(line)),
  { demo: true },
);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
const show = (what: string, value: string): void => console.log(`${what.padEnd(52)} ${value}`);
try {
  for (const [name, path, ready] of [
    ['Home', '/ui', 'svg[role=img]'],
    ['Runs', '/ui/runs', 'main [data-row]'],
    ['Agents', '/ui/agents', 'main [data-row]'],
  ] as const) {
    show(
      `largest contentful paint, ${name}`,
      `${Math.round(median(await times(() => lcp(browser, app.url + path, ready))))} ms`,
    );
  }
  show(
    'slowest interaction (keys, filter, palette, theme)',
    `${Math.round(median(await times(() => interaction(browser, app.url))))} ms`,
  );
  if (longRun !== '') {
    const ready = await times(() => runReady(browser, app.url));
    show('run page, first items usable', `${Math.round(median(ready.map(([first]) => first)))} ms`);
    show('run page, all 10,000 events in', `${Math.round(median(ready.map(([, all]) => all)))} ms`);
    const scrolls = await times(() => scrolling(browser, app.url));
    show(
      'scrolling it: frames in time for 60 a second',
      `${Math.round(100 * median(scrolls.map(([share]) => share)))} %`,
    );
    show('scrolling it: slowest frame', `${Math.round(median(scrolls.map(([, slowest]) => slowest)))} ms`);
  }
} finally {
  await browser.close();
  await app.close();
}
process.exit(0);
