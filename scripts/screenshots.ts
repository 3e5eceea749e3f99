/**
 * `node scripts/screenshots.ts`: the pictures in docs/images, of the real dashboard over a seeded installation with the
 * demo model. The fonts are those of the machine; with `fonts-inter` and `fonts-nanum` they look as the present ones do.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { seed } from '../bench/seed.ts';
import { openApp } from '../src/app.ts';
import { createClient } from '../src/client/client.ts';
import { parseConfig } from '../src/config.ts';
import { createLogger } from '../src/system/logger.ts';

const OUT = resolve(import.meta.dirname, '../docs/images');
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 780 };
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
${['system-ui', 'sans', 'sans-serif']
  .map(
    (family) =>
      `<match target="pattern"><test name="family"><string>${family}</string></test><edit name="family" mode="prepend" binding="strong"><string>Inter</string><string>NanumGothic</string></edit></match>`,
  )
  .join('')}
</fontconfig>`;

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly theme: 'light' | 'dark';
  readonly size: { readonly width: number; readonly height: number };
  readonly language?: 'en' | 'ko';
  readonly before?: (page: Page) => Promise<void>;
}

const take = async (browser: Browser, url: string, shot: Shot): Promise<void> => {
  const { theme, size, language = 'en' } = shot;
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    locale: language,
    timezoneId: 'Asia/Seoul',
  });
  const page = await context.newPage();
  await page.goto(url + shot.path);
  await page.locator('h1').first().waitFor();
  await page.locator('[role=status] .animate-pulse').first().waitFor({ state: 'detached' });
  await shot.before?.(page);
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: join(OUT, `${shot.name}.png`), animations: 'disabled' });
  await context.close();
};

const folder = mkdtempSync(join(tmpdir(), 'slipway-pictures-'));
const fonts = join(folder, 'fonts.conf');
writeFileSync(fonts, FONTS);
mkdirSync(OUT, { recursive: true });
const config = parseConfig({ SLIPWAY_DATA_DIR: join(folder, 'data'), PORT: '0', SLIPWAY_RATE_LIMIT: '0' });
const app = await openApp(
  config,
  createLogger('error', (line) => process.stderr.write(line)),
  { demo: true },
);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  env: { ...process.env, FONTCONFIG_FILE: fonts },
});
try {
  await seed(app.engine, { runs: 900, events: 40 });
  const client = createClient({ url: app.url, key: null });
  const agent = await client.createAgent({
    name: 'Release notes',
    prompt: 'Write the release notes into note.md, and the figures into data.csv.',
    allowedTools: ['Bash(ls:*)'],
  });
  const { executionId } = await client.runAgent(agent.id, {});
  for await (const _ of client.followRun(executionId)) {
    // To its end.
  }
  const run = `/ui/runs/${executionId}`;
  const { conversationId } = await client.takeTurn({
    message: 'Summarise notes.md every Monday at 9',
    timezone: 'Asia/Seoul',
  });
  await client.createRun({ prompt: 'Compare the two designs, and say which one is simpler.\n[[demo:slow]]' });
  const chat = `/ui/chat?conversation=${conversationId}`;
  const proposal = (page: Page) => page.getByRole('region', { name: /Proposal|제안/ }).waitFor();
  const items = (page: Page) =>
    page
      .getByText(/hello|note\.md/)
      .first()
      .waitFor();
  const shots: readonly Shot[] = [
    { name: 'home-light', path: '/ui', theme: 'light', size: DESKTOP },
    { name: 'home-dark', path: '/ui', theme: 'dark', size: DESKTOP },
    { name: 'run-light', path: run, theme: 'light', size: DESKTOP, before: items },
    { name: 'run-dark', path: run, theme: 'dark', size: DESKTOP, before: items },
    { name: 'chat-light', path: chat, theme: 'light', size: DESKTOP, before: proposal },
    { name: 'runs-dark', path: '/ui/runs', theme: 'dark', size: { width: 1280, height: 600 } },
    { name: 'agents-light', path: '/ui/agents', theme: 'light', size: DESKTOP },
    { name: 'home-phone-dark-ko', path: '/ui', theme: 'dark', size: PHONE, language: 'ko' },
    { name: 'run-phone-light', path: run, theme: 'light', size: PHONE, before: items },
  ];
  for (const shot of shots) await take(browser, app.url, shot);
  console.log(`${shots.length} pictures in ${OUT}`);
} finally {
  await browser.close();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
