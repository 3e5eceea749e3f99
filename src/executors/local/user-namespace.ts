/**
 * The user namespace that the jobs of a server that is root enter. It is made before them, since nothing in a place may
 * make one: what a user namespace gives is most of what escapes begin with.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { explainRefusal } from './diagnosis.ts';
import { AGENT } from './translate.ts';

/** One a process and uid; it lives as long as the process, and as the jobs that are in it. */
const known = new Map<number, Promise<number>>();

/** A descriptor of a user namespace in which the host's `uid` is seen as the agent and nobody else is known. */
export const userNamespace = (unshare: string, uid: number): Promise<number> => {
  const found = known.get(uid);
  if (found !== undefined) return found;
  const made = make(unshare, uid).catch((error: unknown) => {
    // What is missing may be mended while the server runs.
    known.delete(uid);
    throw error;
  });
  known.set(uid, made);
  return made;
};

const make = async (unshare: string, uid: number): Promise<number> => {
  const child = spawn(unshare, ['--user', '--', '/bin/cat'], { stdio: 'pipe' });
  const gone = once(child, 'close');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  try {
    // The answer comes from inside the namespace; who ends before it has none.
    child.stdin.on('error', () => undefined).write('\n');
    const answered = await Promise.race([once(child.stdout, 'data').then(() => true), gone.then(() => false)]);
    if (!answered) throw explainRefusal(said.trim());
    writeFileSync(`/proc/${child.pid}/uid_map`, `${AGENT.uid} ${uid} 1\n`);
    writeFileSync(`/proc/${child.pid}/gid_map`, `${AGENT.gid} ${uid} 1\n`);
    return openSync(`/proc/${child.pid}/ns/user`, 'r');
  } finally {
    child.stdin.end();
    await gone;
  }
};
