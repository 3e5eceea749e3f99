/** A real browser before a real server with the scripted model, and what every browser test does with them. */
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Scenario } from '../../../src/demo/scenario.ts';
import { openStage, type Stage } from '../server/stage.ts';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

interface Look {
  readonly theme?: 'light' | 'dark';
  readonly language?: 'en' | 'ko';
  readonly size?: { readonly width: number; readonly height: number };
  /** Another address of the server, such as one that can be cut off. */
  readonly url?: string;
}

export interface Scene {
  readonly stage: Stage;
  /** A page with a profile of its own, at a path below `/ui`. */
  open(path: string, look?: Look): Promise<Page>;
  /** What pages complained of since the last time that this was asked: errors, refused scripts, dialogs. */
  complaints(): string[];
  close(): Promise<void>;
}

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath: PROGRAM, args: FLAGS });

/** Failed requests are said by the browser as errors; pages are tested for how they bear them. */
const IS_NETWORK = /^Failed to load resource/;

export const openScene = async (
  options: { readonly scenarios?: Record<string, Scenario>; readonly env?: Record<string, string> } = {},
): Promise<Scene> => {
  const stage = await openStage(options);
  const browser = await launchBrowser();
  const complaints: string[] = [];
  return {
    stage,
    open: async (path, { theme = 'light', language = 'en', size = DESKTOP, url = stage.server().url } = {}) => {
      const context = await browser.newContext({
        viewport: size,
        colorScheme: theme,
        locale: language,
        acceptDownloads: true,
      });
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !IS_NETWORK.test(message.text())) complaints.push(message.text());
      });
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(`${url}/ui${path}`);
      return page;
    },
    complaints: () => complaints.splice(0),
    close: async () => {
      await browser.close();
      await stage.close();
    },
  };
};
