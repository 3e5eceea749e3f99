/** From what bubblewrap says, and what the kernel is set to, to what mends it. */
import { readFileSync } from 'node:fs';
import { DomainError } from '../../core/errors.ts';

/** Kernel settings that keep a user from making namespaces; null where the kernel has no such setting. */
export interface NamespaceSettings {
  readonly appArmorRestricts: string | null;
  readonly clone: string | null;
  readonly most: string | null;
}

const APPARMOR_PROFILE =
  `printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) ` +
  `{\\n  userns,\\n}\\n' | sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap`;

/** The command that lets bubblewrap make its namespaces. Pure. */
export const mendNamespaces = (settings: NamespaceSettings): { readonly why: string; readonly mend: string } => {
  if (settings.appArmorRestricts === '1') {
    return { why: 'AppArmor keeps programs from making user namespaces', mend: APPARMOR_PROFILE };
  }
  if (settings.clone === '0') {
    const why = 'kernel.unprivileged_userns_clone is 0';
    return { why, mend: 'sudo sysctl -w kernel.unprivileged_userns_clone=1' };
  }
  if (settings.most === '0') {
    return { why: 'user.max_user_namespaces is 0', mend: 'sudo sysctl -w user.max_user_namespaces=15000' };
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
export const namespaceSettings = (): NamespaceSettings => ({
  appArmorRestricts: setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
  clone: setting('/proc/sys/kernel/unprivileged_userns_clone'),
  most: setting('/proc/sys/user/max_user_namespaces'),
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
