/** Whether the namespaces of a sandbox can be made, found out by making them as a job's are made. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Finding } from '../../ports/executor.ts';
import { mendNamespaces, namespaceSettings } from './diagnosis.ts';

const TIMEOUT_MS = 10_000;
const SANDBOX = [
  '--unshare-all',
  '--die-with-parent',
  '--ro-bind',
  '/',
  '/',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '/bin/true',
];
const USER = ['--user', '--', '/bin/true'];

/** What it said when it failed; null when it did not. */
const failureOf = async (program: string, args: readonly string[]): Promise<string | null> => {
  try {
    await promisify(execFile)(program, args, { timeout: TIMEOUT_MS });
    return null;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n')[0] : '';
    return said || `${program} says nothing`;
  }
};

/**
 * @param unshare what makes the user namespace where the server is root; null where bubblewrap does
 * @param sysctlRoot where the kernel shows its settings
 */
export const tryNamespaces = async (bwrap: string, unshare: string | null, sysctlRoot?: string): Promise<Finding> => {
  const said = (await failureOf(bwrap, SANDBOX)) ?? (unshare === null ? null : await failureOf(unshare, USER));
  if (said === null) return { part: 'namespaces', status: 'ok', detail: 'can be made', mend: null };
  const { why, mend } = mendNamespaces(namespaceSettings(sysctlRoot), bwrap);
  return { part: 'namespaces', status: 'missing', detail: `${why} (${said})`, mend };
};
