/** `slipway doctor`: whether each part is ready, found out by trying it, and the command that mends it. */
import { openInstallation } from '../app.ts';
import { environment, parseConfig } from '../config.ts';
import { examineInstallation } from '../examine.ts';
import type { Finding } from '../ports/executor.ts';
import { createLogger } from '../system/logger.ts';
import { oneLine, safe, say, sayJson } from './print.ts';

/** Prints all findings; returns false when something is missing. */
export const doctorCommand = async (options: { readonly json: boolean; readonly demo: boolean }): Promise<boolean> => {
  const config = parseConfig(environment());
  const silent = createLogger('silent', () => undefined);
  const readiness = await examineInstallation(config, {
    demo: options.demo,
    open: (settings) => openInstallation(settings, silent),
  });
  if (options.json) sayJson(readiness);
  else {
    for (const finding of readiness.findings) print(finding);
    say();
    say(summary(readiness.findings));
  }
  return readiness.ready;
};

const MARKS = { ok: 'ok     ', degraded: 'LIMITED', missing: 'MISSING' } as const;
const INDENT = ' '.repeat(26);

const print = (finding: Finding): void => {
  say(`${MARKS[finding.status]}  ${finding.part.padEnd(16)} ${oneLine(finding.detail, 300)}`);
  if (finding.matters !== undefined) say(`${INDENT}why it matters: ${finding.matters}`);
  if (finding.without !== undefined) say(`${INDENT}works without:  ${finding.without}`);
  // Whole, and on one line, so that it can be copied.
  if (finding.mend !== null) say(`${INDENT}mend:           ${safe(finding.mend).replaceAll('\n', ' ')}`);
};

const summary = (findings: readonly Finding[]): string => {
  const named = (status: Finding['status']) =>
    findings.filter((each) => each.status === status).map(({ part }) => part);
  const [missing, limited] = [named('missing'), named('degraded')];
  if (missing.length > 0) return `Not ready: ${missing.join(', ')}. Each says above what mends it.`;
  return limited.length > 0 ? `Ready, with limits: ${limited.join(', ')}.` : 'Ready.';
};
