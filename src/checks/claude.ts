/** The program of every run, tried by starting it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Finding } from '../ports/executor.ts';

const part = 'claude';
const TIMEOUT_MS = 30_000;
const INSTALL = 'npm ci   # where Slipway was installed as a package: npm rebuild @anthropic-ai/claude-code';

/**
 * @param path the executable; null when none was found
 * @param tested the version whose output this release was tested with
 */
export const checkClaude = async (path: string | null, tested: string): Promise<Finding> => {
  if (path === null) {
    return { part, status: 'missing', detail: 'The Claude Code program is not installed.', mend: INSTALL };
  }
  try {
    // Nothing of this user's home and settings is read or written.
    const env = { HOME: '/nonexistent', PATH: '/usr/bin:/bin', DISABLE_AUTOUPDATER: '1' };
    const { stdout } = await promisify(execFile)(path, ['--version'], { env, timeout: TIMEOUT_MS });
    const version = /^\d+\.\d+\.\d+\S*/.exec(stdout.trim())?.[0] ?? 'of an unknown version';
    if (version === tested) return { part, status: 'ok', detail: `Claude Code ${version}`, mend: null };
    const detail = `Claude Code ${version}; this release was tested with ${tested} alone`;
    return { part, status: 'degraded', detail, mend: `npm install @anthropic-ai/claude-code@${tested}` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown error';
    return { part, status: 'missing', detail: `${path} cannot be started (${String(code)})`, mend: INSTALL };
  }
};
