import { type App, openApp } from '../app.ts';
import { environment, parseConfig } from '../config.ts';
import { createLogger } from '../system/logger.ts';
import { complain, say } from './print.ts';

/** Starts a server on this process's settings. */
export const startServer = async (
  options: { readonly demo: boolean; readonly quiet?: boolean },
  overrides: Readonly<Record<string, string>> = {},
): Promise<App> => {
  const config = parseConfig({ ...environment(), ...overrides });
  const logger = createLogger(options.quiet === true ? 'error' : config.logLevel, (line) => process.stderr.write(line));
  return openApp(config, logger, { demo: options.demo });
};

/** `slipway serve`: serves until it is told to stop; the executions that go on then are found again by the next start. */
export const serveCommand = async (options: { readonly demo: boolean }): Promise<void> => {
  const app = await startServer(options);
  say(`Slipway serves at ${app.url}`);
  if (app.demo) say('DEMO MODEL: answers are scripted, nothing is sent to a real model.');
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  complain('Stopping: no new runs are taken; executions that are going on continue, and the next start finds them.');
  await app.close();
  // Executions that go on are watched through timers and file watches, which would keep this process for their sake.
  process.exit(0);
};
