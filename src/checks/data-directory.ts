/** The data directory, tried by doing in it what the server does: files, renames, programs and Unix sockets. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { statfsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from '../ports/executor.ts';

const part = 'data directory';

/** `f_type` of file systems that are on another machine, or may be; linux/magic.h and the file systems' own headers. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x65735546, 'FUSE'],
  [0x786f4256, 'a shared folder of VirtualBox'],
]);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';

const missing = (detail: string, mend: string): Finding => ({ part, status: 'missing', detail, mend });

/** The way out of most of it. */
const ELSEWHERE = 'export SLIPWAY_DATA_DIR=/path/on/a/local/disk';

const unwritable = (directory: string, code: string): Finding => {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return missing(`this user may not write to ${directory}`, `sudo chown -R "$(id -un)" ${directory}`);
    case 'EROFS':
      return missing(
        `${directory} is on a file system that is mounted read-only`,
        `sudo mount -o remount,rw "$(findmnt -n -o TARGET -T ${directory})"   # or ${ELSEWHERE}`,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return missing(`the disk of ${directory} is full`, `df -h ${directory}   # free space there, or ${ELSEWHERE}`);
    case 'ENOTDIR':
    case 'EEXIST':
      return missing(`${directory} is not a directory, or is below a file`, ELSEWHERE);
    default:
      return missing(`${directory} cannot be used (${code})`, ELSEWHERE);
  }
};

/** Written, synced and renamed, as the database and the caches are. */
const tryFiles = async (probe: string): Promise<void> => {
  const file = await open(join(probe, 'draft'), 'w', 0o600);
  try {
    await file.writeFile(new Uint8Array(4_096));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(probe, 'draft'), join(probe, 'file'));
};

/** Programs of places are copies in here. */
const tryProgram = async (probe: string): Promise<void> => {
  const path = join(probe, 'program');
  await writeFile(path, '#!/bin/sh\nexit 0\n');
  await chmod(path, 0o700);
  await promisify(execFile)(path);
};

/** Each run reaches the gateway by a socket in here; through the opened directory its path is never too long. */
const trySocket = async (probe: string): Promise<void> => {
  const handle = await open(probe, 'r');
  const server = createServer();
  try {
    server.listen(`/proc/self/fd/${handle.fd}/socket`);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  } finally {
    await handle.close();
  }
};

const STEPS: readonly {
  attempt(probe: string): Promise<void>;
  explain(directory: string, code: string): Finding;
}[] = [
  { attempt: tryFiles, explain: unwritable },
  {
    attempt: tryProgram,
    explain: (directory) =>
      missing(
        `programs in ${directory} cannot be executed: its file system is mounted noexec`,
        `sudo mount -o remount,exec "$(findmnt -n -o TARGET -T ${directory})"   # or ${ELSEWHERE}`,
      ),
  },
  {
    attempt: trySocket,
    explain: (directory, code) => missing(`the file system of ${directory} has no Unix sockets (${code})`, ELSEWHERE),
  },
];

const obstacleIn = async (directory: string): Promise<Finding | null> => {
  let probe: string;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    probe = await mkdtemp(join(directory, '.probe-'));
  } catch (error) {
    return unwritable(directory, codeOf(error));
  }
  try {
    for (const { attempt, explain } of STEPS) {
      try {
        await attempt(probe);
      } catch (error) {
        return explain(directory, codeOf(error));
      }
    }
    return null;
  } finally {
    await rm(probe, { recursive: true, force: true }).catch(() => undefined);
  }
};

/** What works today and is a risk. */
const risksOf = (directory: string, facts: DirectoryFacts): readonly (readonly [string, string])[] => {
  const network = NETWORK.get(facts.type);
  return [
    ...(network === undefined
      ? []
      : ([
          [`is on ${network}, where locks and the write-ahead log of the database are not to be relied on`, ELSEWHERE],
        ] as const)),
    ...((facts.mode & 0o077) === 0
      ? []
      : ([
          [
            `can be entered by other users of this machine (mode ${(facts.mode & 0o777).toString(8)})`,
            `chmod 700 ${directory}`,
          ],
        ] as const)),
    ...(facts.owner === facts.user
      ? []
      : ([
          [
            `belongs to user ${facts.owner}, whose server cannot use what user ${facts.user} makes in it`,
            `sudo chown -R ${facts.user} ${directory}   # or run as its owner`,
          ],
        ] as const)),
  ];
};

interface DirectoryFacts {
  readonly type: number;
  readonly mode: number;
  readonly owner: number;
  readonly user: number;
}

/**
 * @param directory absolute; made when it is missing
 * @param typeOf the kernel's number for the file system of a directory
 */
export const checkDataDirectory = async (
  directory: string,
  typeOf: (directory: string) => number = (path) => statfsSync(path).type,
): Promise<Finding> => {
  const obstacle = await obstacleIn(directory);
  if (obstacle !== null) return obstacle;
  const { mode, uid } = await stat(directory);
  const facts = { type: typeOf(directory), mode, owner: uid, user: process.getuid?.() ?? uid };
  const risks = risksOf(directory, facts);
  if (risks.length === 0) return { part, status: 'ok', detail: directory, mend: null };
  const detail = `${directory} ${risks.map(([risk]) => risk).join('; it ')}`;
  return { part, status: 'degraded', detail, mend: risks.map(([, mend]) => mend).join('; ') };
};
