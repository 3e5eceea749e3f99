/**
 * The supervisor: a shell script that outlives the server. It takes the one claim to a place, runs the job in its
 * cgroup with files as its streams, and writes down how it ended.
 *
 * States of a place, as the files in its directory tell them:
 *   (no `claim`)        prepared, nobody runs it
 *   `claim`             a supervisor has it: "<pid> <start time> <boot id>"
 *   `job`               pid of bubblewrap
 *   `inside`            all walls stand, and the program was started
 *   `refused`           a part of the isolation failed: the program was not started
 *   `limit`             a limit that the supervisor enforces was reached: "deadline", "output" or "disk";
 *                       empty when there was no room to write even that: "disk"
 *   `kill`              somebody wants its end, and why
 *   `exit`              "<status> <killed|ended>" with a line break: over
 *   `outcome`           over, nothing is alive, and the exit as everybody will see it
 *
 * Hazards. The shell is dash on Debian: builtins only, since each fork costs about a millisecond. `$$` in a subshell is
 * the parent's pid, hence the "0" that means oneself to a cgroup. A program that was started with "&" could never be
 * interrupted, so the job runs in front and the watch behind. A signal that reaches a subshell before it ran is lost if
 * the shell caught or ignored it: TERM is left alone until the watch exists, and a watch that missed its end goes by
 * itself. The claim is made by `set -C` (O_EXCL): of two supervisors, one goes away without a trace. A line without its
 * line break is not written yet. The shell must stay the parent of bubblewrap, whose `--die-with-parent` ends the job
 * when the supervisor is killed.
 */

import { DISK_QUOTA } from './disk-quota.ts';

/** Seconds between two looks at how much was printed and written. */
const LOOK_SECONDS = 2;

/**
 * Arguments: deadline in seconds, bytes of output, blocks of 512 bytes for the largest file, KiB on disk, KiB of the disk
 * that stay free, cgroup files to enter, `--`, command. The working directory is the place's directory. Descriptor 3 has
 * the sandbox's options, 5 its filter of system calls, 8 the user namespace to enter.
 */
export const SUPERVISOR = `
umask 077
trap '' HUP INT QUIT
deadline=$1 most=$2 blocks=$3 disk=$4 reserve=$5
shift 5
read -r stat < /proc/$$/stat
read -r boot < /proc/sys/kernel/random/boot_id
field() { started=\${20}; }
field \${stat##*) }
set -C
echo "$$ $started $boot" 2>/dev/null > claim || exit 0
set +C
if [ -e kill ]; then
  echo "137 killed" > exit
  exit 0
fi
${DISK_QUOTA}
(
  trap '[ -z "$!" ] || kill -KILL $!; exit 0' TERM
  while :; do
    nap=${LOOK_SECONDS}
    [ "$deadline" -ge "$nap" ] || nap=$deadline
    sleep "$nap" &
    wait $!
    [ ! -e exit ] && kill -0 $$ || exit 0
    deadline=$((deadline - nap))
    if [ "$deadline" -le 0 ]; then
      echo deadline > limit
      break
    fi
    if [ -n "$(find stdout stderr -size +"$most"c)" ]; then
      echo output > limit
      break
    fi
    if disk_full "$disk" "$reserve" "$nap" "$1"; then
      echo disk > limit
      break
    fi
  done
  read -r job < job && kill -KILL "$job"
) 3<&- 5<&- 8<&- > /dev/null 2>&1 &
watch=$!
trap : TERM
(
  trap - HUP INT QUIT
  read -r job rest < /proc/self/stat
  echo "$job" > job
  while [ "$1" != -- ]; do
    if ! echo 0 > "$1"; then
      echo "$1" > refused
      exit 125
    fi
    shift
  done
  shift
  exec < stdin >> stdout 2>> stderr 4>> status 9> inside
  ulimit -c 0
  ulimit -f "$blocks" || { echo "ulimit -f" > refused; exit 125; }
  umask 022
  exec "$@"
) 2> /dev/null
status=$?
by=ended
[ -e kill ] && by=killed
kill -TERM "$watch" 2>/dev/null
echo "$status $by" > exit
wait "$watch"
`;
