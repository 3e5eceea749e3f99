/**
 * A Unix socket at a fixed name in a directory of its own. A place has the directory mounted, not the socket, so a
 * socket that is made anew under the same name is seen inside. The mount has to be read-only: whoever could write
 * here could put a link where the next socket goes.
 *
 * Nothing here waits for the disk: each call takes microseconds, and to hand it to another thread, and to wait for one's
 * turn after each, took twenty milliseconds when eight runs began at once.
 */
import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';

export const SOCKET_NAME = 'gateway.sock';

export interface RunSocket {
  /** Removes the socket, unless another process has put its own in its place. The server is the caller's to close. */
  remove(): void;
  /** True while the name leads to this socket. */
  isOurs(): boolean;
}

let counter = 0;

/** Makes `directory` traversable for all (its parent keeps strangers out) and lets `server` listen in it. */
export const openRunSocket = async (directory: string, server: Server): Promise<RunSocket> => {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  return openSocket(directory, SOCKET_NAME, server);
};

/** Whether a process that was killed left a socket of a run there, at which nobody listens any more. */
export const isOrphaned = async (directory: string): Promise<boolean> => {
  // Another process may have closed the way meanwhile, directory and all.
  if (inodeAt(directory) === null) return false;
  return byShortPath(directory, SOCKET_NAME, async (path) => {
    const socket = connect(path);
    try {
      return await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(false));
        socket.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
      });
    } finally {
      socket.destroy();
    }
  });
};

/** Lets `server` listen at `name` in a directory that exists, in place of whoever did; for every user. */
export const openSocket = async (directory: string, name: string, server: Server): Promise<RunSocket> => {
  counter += 1;
  const path = join(directory, name);
  const temporary = `.${process.pid}-${counter}.sock`;
  // The socket is made under a name of its own and then moved: the name is never empty, and Node, which removes the
  // path that it listened at when it closes, can never remove the socket of a successor.
  rmSync(join(directory, temporary), { force: true });
  await byShortPath(directory, temporary, (short) => listenAt(short, server));
  chmodSync(join(directory, temporary), 0o666);
  const { ino } = lstatSync(join(directory, temporary));
  renameSync(join(directory, temporary), path);
  const isOurs = (): boolean => inodeAt(path) === ino;
  return {
    isOurs,
    remove() {
      if (isOurs()) rmSync(path, { force: true });
    },
  };
};

/** Null where nothing is to be seen. */
const inodeAt = (path: string): number | null => {
  try {
    return lstatSync(path).ino;
  } catch {
    return null;
  }
};

/** The path of a Unix socket has at most 107 bytes; through the opened directory every path is short. */
const byShortPath = async <Result>(
  directory: string,
  name: string,
  act: (path: string) => Promise<Result>,
): Promise<Result> => {
  const descriptor = openSync(directory, 'r');
  try {
    return await act(`/proc/self/fd/${descriptor}/${name}`);
  } finally {
    closeSync(descriptor);
  }
};

const listenAt = (path: string, server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
