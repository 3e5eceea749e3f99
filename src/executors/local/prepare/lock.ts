/**
 * A lock that dies with its process: the kernel's, held by a small program whose standard input is ours. Between
 * processes of one machine; a file with a name in it would have to be judged stale by somebody, and could be misjudged.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { DomainError } from '../../../core/errors.ts';
import { findTool } from '../host.ts';

export interface Lock {
  /** Resolves when it is free again. */
  release(): Promise<void>;
}

const HELD = 'held\n';

/**
 * Waits for the lock on `path`, a file that is made when it is missing. Null when `signal` aborted first, or when it is
 * taken and `wait` is false.
 */
export const lockFile = async (path: string, wait: boolean, signal: AbortSignal | null): Promise<Lock | null> => {
  const flock = findTool('flock');
  if (flock === null) {
    throw new DomainError('place_failed', 'The tool flock is not installed on this host.', {
      hint: 'Nothing was executed. Run: apt-get install --yes util-linux',
    });
  }
  if (signal?.aborted === true) return null;
  const args = [...(wait ? [] : ['--nonblock']), '--', path, '/bin/sh', '-c', `printf '${HELD.trim()}\\n'; exec cat`];
  const child = spawn(flock, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const end = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  const abort = (): void => {
    child.kill('SIGTERM');
  };
  signal?.addEventListener('abort', abort, { once: true });
  const held = await Promise.race([saysHeld(child), ended.then(() => false)]);
  signal?.removeEventListener('abort', abort);
  if (held && !(signal?.aborted ?? false)) return { release: end };
  await end();
  return null;
};

const saysHeld = (child: ChildProcess): Promise<boolean> =>
  new Promise((resolve) => {
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes(HELD)) resolve(true);
    });
  });
