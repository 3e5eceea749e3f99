/**
 * The quota on what a job keeps on disk, as a part of the supervisor's script: it holds without the server, on every file
 * system, and without a privilege.
 *
 * Counting walks all files, so it is done only when it could matter: one look at the file system (a millisecond) tells
 * how much room and how many inodes it has lost since the last count, and who has lost less than half of what the job
 * may still take has nothing to count. Every half minute it is counted anyway, since another job may free what this one
 * takes. A count may itself take long; the next one waits five times as long, so that a job with very many files
 * cannot spend the supervisor's processor time.
 *
 * Files without a name count, too: found by the open descriptors of the job's processes, where there is a control group
 * to tell who they are. A file that is only mapped, or on its way through a socket, is not found; the reserve is for that.
 * Below the reserve, a job that holds more than a little is ended; below half of it every job is, so that the database
 * of the server, which may be on the same disk, can go on.
 *
 * Overshoot: what a disk takes in one look and one count. A single file stops at the quota by itself (`ulimit -f`).
 */
import { statfsSync } from 'node:fs';
import { DomainError } from '../../core/errors.ts';

const MOST_RESERVED_BYTES = 512 * 1_048_576;
/** So much of a small disk, where the full amount would leave too little to work with, or none. */
const RESERVED_SHARE = 0.05;

/** What an ordinary user finds on the file system of `dir`, in bytes. */
export interface Room {
  readonly free: number;
  /** Below which no job is started and those that hold much are ended. */
  readonly reserve: number;
}

export const roomIn = (dir: string): Room => {
  const { bavail, blocks, bsize } = statfsSync(dir);
  return { free: bavail * bsize, reserve: Math.min(MOST_RESERVED_BYTES, Math.floor(blocks * bsize * RESERVED_SHARE)) };
};

/** Throws when a job would begin on a disk that is almost full. */
export const requireRoom = ({ free, reserve }: Room): void => {
  if (free >= reserve) return;
  const mebibytes = (bytes: number) => Math.floor(bytes / 1_048_576);
  throw new DomainError(
    'place_unavailable',
    `The disk of the server is almost full: ${mebibytes(free)} MiB are free, and ${mebibytes(reserve)} are kept.`,
    { hint: 'Nothing was executed. Free space, or set SLIPWAY_DATA_DIR to a larger disk, then retry the run.' },
  );
};

/** Seconds after which it is counted even when the file system has lost nothing. */
const COUNT_SECONDS = 30;
/** What a job may hold and yet live on below the reserve, in KiB: to end it would free next to nothing. */
const LITTLE_KIB = 65_536;
/** One inode for each so many KiB of the quota: the size of a block. */
const KIB_AN_INODE = 4;

/**
 * Shell functions. `disk_full <KiB> <reserve in KiB> <seconds since the last call> <cgroup.procs or -->` is true when
 * the job is to be ended. In the directory of the place. COUNTED_TOO is a directory besides that the job can write to.
 */
export const DISK_QUOTA = `
sum() { total=0; while read -r amount rest; do total=$((total + amount)); done; echo "$total"; }
nameless() {
  [ "$1" != -- ] || { echo 0; return; }
  device=$(stat -c %d workspace)
  processes=$1
  set --
  while read -r pid; do set -- "$@" "/proc/$pid/fd"; done < "$processes"
  find -L "$@" -maxdepth 1 -type f -links 0 -printf '%b %D:%i\\n' 2>/dev/null | sort -u |
    while read -r blocks file; do [ "\${file%%:*}" != "$device" ] || echo "$((blocks / 2))"; done | sum
}
due=0 pause=0 seen_free=0 seen_inodes=0 left=0 left_inodes=0
disk_full() {
  quota=$1 reserve=$2 due=$((due - $3)) pause=$((pause - $3)) processes=$4
  set -- $(stat -f -c '%a %S %d' workspace)
  [ $# -eq 3 ] || return 1
  free=$(($1 * $2 / 1024)) inodes=$3
  [ "$free" -ge $((reserve / 2)) ] || return 0
  if [ "$free" -ge "$reserve" ]; then
    [ "$pause" -le 0 ] || return 1
    [ "$due" -le 0 ] || [ $((seen_free - free)) -ge $((left / 2)) ] ||
      [ $((seen_inodes - inodes)) -ge $((left_inodes / 2)) ] || return 1
  fi
  read -r before rest < /proc/uptime
  used=$(($(du -skx workspace home \${COUNTED_TOO:+"$COUNTED_TOO"} | sum) + $(nameless "$processes")))
  files=$(du -sx --inodes workspace home \${COUNTED_TOO:+"$COUNTED_TOO"} | sum)
  read -r after rest < /proc/uptime
  pause=$(((\${after%.*} - \${before%.*}) * 5)) due=${COUNT_SECONDS} seen_free=$free seen_inodes=$inodes
  left=$((quota - used)) left_inodes=$((quota / ${KIB_AN_INODE} - files))
  [ "$left" -gt 0 ] && [ "$left_inodes" -gt 0 ] || return 0
  [ "$free" -lt "$reserve" ] && [ "$used" -gt ${LITTLE_KIB} ]
}
`;
