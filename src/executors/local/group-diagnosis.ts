/** Why no control groups can be made here, and what mends it. Pure. */
import { CONTROLLERS, type Controller } from './cgroup.ts';
import type { GroupFacts } from './ground.ts';

export interface GroupDiagnosis {
  readonly why: string;
  readonly mend: string;
}

const DELEGATE =
  'sudo systemd-run --pty --property=Delegate=yes --property=User=$USER -- npm start   # a service: Delegate=yes in its unit';
const IN_CONTAINER = 'docker run --privileged --cgroupns=private …';

interface GroupMount {
  readonly version: 1 | 2;
  readonly at: string;
  readonly readOnly: boolean;
  readonly options: readonly string[];
}

const mountsIn = (mountinfo: string): readonly GroupMount[] =>
  mountinfo.split('\n').flatMap((line): readonly GroupMount[] => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , , at = '', flags = ''] = left.split(' ');
    const [type, , options = ''] = right.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const all = options.split(',');
    const readOnly = flags.split(',').includes('ro') || all.includes('ro');
    return [{ version: type === 'cgroup2' ? 2 : 1, at, readOnly, options: all }];
  });

/**
 * @param kernelHas the controllers that version 2 has at its top; null when it is not mounted
 * @param missing the limits that cannot be kept
 */
export const diagnoseGroups = (
  facts: GroupFacts,
  kernelHas: readonly string[] | null,
  missing: readonly Controller[],
): GroupDiagnosis => {
  const mounts = mountsIn(facts.mountinfo);
  const usable = mounts.filter(
    ({ version, options }) => version === 2 || missing.some((name) => options.includes(name)),
  );
  if (mounts.length === 0) {
    return { why: 'no control groups are mounted', mend: 'sudo mount -t cgroup2 none /sys/fs/cgroup' };
  }
  const readOnly = usable.find((mount) => mount.readOnly);
  if (readOnly !== undefined) {
    const why = `version ${readOnly.version} at ${readOnly.at} is mounted read-only, as in most containers`;
    return { why, mend: IN_CONTAINER };
  }
  const off = CONTROLLERS.filter((name) => missing.includes(name) && kernelHas !== null && !kernelHas.includes(name));
  const unified = usable.some(({ version }) => version === 2);
  if (usable.length === 0 || (off.length > 0 && mounts.every(({ version }) => version === 2))) {
    const names = (off.length > 0 ? off : missing).join(', ');
    const why = `the kernel has no controller for ${names}`;
    return {
      why,
      mend: 'Start the kernel with cgroup_enable=memory and without cgroup_disable=…, then: cat /proc/cmdline',
    };
  }
  const why = unified
    ? 'version 2 is there, but no group is delegated to this user'
    : 'version 1 is not writable by this user';
  return { why, mend: `${DELEGATE}   # in a container: ${IN_CONTAINER}` };
};
