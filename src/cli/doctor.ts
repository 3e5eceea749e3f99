/** `slipway doctor`: whether each part is ready, found out by trying it, and the command that mends it. */
import { openInstallation } from '../app.ts';
import { type Config, environment, parseConfig } from '../config.ts';
import type { Finding, Readiness } from '../ports/executor.ts';
import { findClaude } from '../system/claude-binary.ts';
import { createLogger } from '../system/logger.ts';
import { oneLine, say, sayJson } from './print.ts';

const claude = (): Finding => {
  const found = findClaude();
  return found === null
    ? { part: 'claude', status: 'missing', detail: 'The Claude Code program is not installed.', mend: 'npm ci' }
    : { part: 'claude', status: 'ok', detail: `Claude Code ${found.version}`, mend: null };
};

const credentials = ({ model }: Config): Finding =>
  model.apiKey === null && model.authToken === null
    ? {
        part: 'credentials',
        status: 'missing',
        detail: 'Neither ANTHROPIC_API_KEY nor ANTHROPIC_AUTH_TOKEN is set.',
        mend: 'export ANTHROPIC_API_KEY=…   (or start with --demo)',
      }
    : { part: 'credentials', status: 'ok', detail: `set, for ${model.baseUrl}`, mend: null };

const placeOf = ({ store, dataDir, firestore }: Config): string =>
  store === 'sqlite' ? dataDir : `${firestore.projectId}/${firestore.databaseId}`;

/** Prints all findings; returns false when a run would be refused. */
export const doctorCommand = async (options: { readonly json: boolean }): Promise<boolean> => {
  const config = parseConfig(environment());
  const installation = await openInstallation(
    config,
    createLogger('silent', () => undefined),
  );
  try {
    await installation.stores.ping();
    const readiness = await installation.executor.check();
    const store: Finding = { part: 'store', status: 'ok', detail: `${config.store} in ${placeOf(config)}`, mend: null };
    const findings = [claude(), credentials(config), store, ...readiness.findings];
    const ready = readiness.ready && findings.every((finding) => finding.status !== 'missing');
    reportFindings({ ready, findings }, options);
    return ready;
  } finally {
    await installation.close();
  }
};

/** For a person, or as JSON. */
export const reportFindings = (readiness: Readiness, options: { readonly json: boolean }): void => {
  if (options.json) sayJson(readiness);
  else for (const finding of readiness.findings) print(finding);
};

const MARKS = { ok: 'ok     ', degraded: 'LIMITED', missing: 'MISSING' } as const;

const print = (finding: Finding): void => {
  say(`${MARKS[finding.status]}  ${finding.part.padEnd(16)} ${oneLine(finding.detail, 160)}`);
  if (finding.mend !== null) say(`         ${' '.repeat(16)} mend: ${finding.mend}`);
};
