/** A server or a peer in a process of its own, so that each has its own memory and event loop. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Resident bytes of that process. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

interface Said {
  readonly url?: string;
  readonly rss?: number;
}

/** Starts a script that sends `{url}` when it serves, and its memory whenever it is asked. */
export const openServerProcess = async (script: string, args: readonly string[]): Promise<ServerProcess> => {
  const child = fork(script, args, {
    // As the command line starts it.
    execArgv: ['--max-semi-space-size=2'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const hear = async (): Promise<Said> => {
    const [said]: Said[] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [{}])]);
    return said ?? {};
  };
  const { url } = await hear();
  if (url === undefined) throw new Error(`${script} did not start.`);
  return {
    url,
    pid: child.pid ?? 0,
    memory: async () => {
      const heard = hear();
      child.send('memory');
      return (await heard).rss ?? Number.NaN;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
};
