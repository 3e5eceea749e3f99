/** From what bubblewrap says, and what the kernel is set to, to what mends it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../core/errors.ts';

/** Kernel settings that keep a user from making namespaces; null where the kernel has no such setting. */
export interface NamespaceSettings {
  readonly appArmorRestricts: string | null;
  readonly clone: string | null;
  readonly most: string | null;
}

/** Where the kernel shows its settings. */
export const SYSCTL_ROOT = '/proc/sys';

/** The profile that Ubuntu's own packages give to such programs: nothing is taken from them, and user namespaces are theirs. */
const appArmorProfile = (bwrap: string): string =>
  `printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap ${bwrap} flags=(unconfined) ` +
  `{\\n  userns,\\n  include if exists <local/bwrap>\\n}\\n' | sudo tee /etc/apparmor.d/bwrap && ` +
  `sudo apparmor_parser -r /etc/apparmor.d/bwrap   # or, for every program: ${sysctl('kernel.apparmor_restrict_unprivileged_userns', 0)}`;

/** Sets it now and after the next start. */
const sysctl = (name: string, value: number): string =>
  `echo '${name}=${value}' | sudo tee /etc/sysctl.d/60-slipway.conf && sudo sysctl --system`;

/** The command that lets bubblewrap make its namespaces. Pure. */
export const mendNamespaces = (
  settings: NamespaceSettings,
  bwrap = '/usr/bin/bwrap',
): { readonly why: string; readonly mend: string } => {
  if (settings.most === '0') {
    return { why: 'user.max_user_namespaces is 0', mend: sysctl('user.max_user_namespaces', 15_000) };
  }
  if (settings.clone === '0') {
    const why = 'kernel.unprivileged_userns_clone is 0';
    return { why, mend: sysctl('kernel.unprivileged_userns_clone', 1) };
  }
  if (settings.appArmorRestricts === '1') {
    const why =
      'AppArmor keeps programs from making user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)';
    return { why, mend: appArmorProfile(bwrap) };
  }
  return {
    why: 'the kernel, or the container that this runs in, refuses namespaces or mounts',
    mend: 'docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add SYS_ADMIN …',
  };
};

const setting = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
};

/** The settings of this kernel. */
export const namespaceSettings = (root = SYSCTL_ROOT): NamespaceSettings => ({
  appArmorRestricts: setting(join(root, 'kernel/apparmor_restrict_unprivileged_userns')),
  clone: setting(join(root, 'kernel/unprivileged_userns_clone')),
  most: setting(join(root, 'user/max_user_namespaces')),
});

/** The error for a sandbox that was not built; `said` is what its tools printed. */
export const explainRefusal = (said: string): DomainError => {
  const detail = said === '' ? 'it said nothing' : said.split('\n').slice(0, 3).join('; ');
  if (/(nsenter|unshare): unrecognized|unrecognized option|Unknown option/i.test(said)) {
    return new DomainError('isolation_unavailable', `The sandbox could not be built: ${detail}.`, {
      hint: 'Nothing was executed. Install newer tools: apt-get install --yes bubblewrap util-linux',
    });
  }
  const { why, mend } = mendNamespaces(namespaceSettings());
  const namespaces = /namespace|uid map|Operation not permitted|Permission denied/i.test(said);
  return new DomainError('isolation_unavailable', `The sandbox could not be built: ${detail}.`, {
    hint: namespaces
      ? `Nothing was executed; ${why}. To mend it: ${mend}`
      : 'Nothing was executed. Run `slipway doctor` for what mends it.',
  });
};
