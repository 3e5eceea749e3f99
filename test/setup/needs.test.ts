import { describe, expect, it } from 'vitest';
import { installStep, missingPackages, needsOf, PROFILES, systemOf } from '../../scripts/setup/needs.mjs';

const NOTHING = new Set<string>();
const PIP = '/usr/local/bin/pip3';
const SANDBOX = ['bwrap', 'setpriv', 'unshare', 'timeout'];

describe('what a profile needs', () => {
  it('is the sandbox for demo and start, and the test tools too for test', () => {
    expect(PROFILES).toEqual(['demo', 'start', 'test']);
    const sandbox = ['bubblewrap', 'util-linux', 'coreutils'];
    expect(missingPackages(needsOf('demo', undefined), NOTHING, 'debian')).toEqual(sandbox);
    expect(missingPackages(needsOf('start', 'local'), NOTHING, 'debian')).toEqual(sandbox);
    expect(missingPackages(needsOf('test', undefined), NOTHING, 'debian')).toEqual([
      ...sandbox,
      'chromium',
      'git',
      'curl',
      'python3-pip',
    ]);
  });

  it('is nothing for a server that hands its runs to Cloud Build', () => {
    expect(needsOf('start', 'cloud-build')).toEqual([]);
    expect(needsOf('demo', 'cloud-build')).not.toEqual([]);
  });

  it('is met by programs, wherever they came from', () => {
    expect(missingPackages(needsOf('demo', undefined), new Set(SANDBOX), 'debian')).toEqual([]);
    const withChrome = new Set([...SANDBOX, 'google-chrome', 'git', 'curl', PIP]);
    expect(missingPackages(needsOf('test', undefined), withChrome, 'debian')).toEqual([]);
  });

  it('names one package once, by the name that it has on the system', () => {
    const needs = needsOf('test', undefined);
    expect(missingPackages(needs, new Set(['bwrap', 'timeout', 'git', 'curl', 'chromium', PIP]), 'debian')).toEqual([
      'util-linux',
    ]);
    expect(missingPackages(needs, new Set([...SANDBOX, 'git', 'curl', PIP]), 'ubuntu')).toEqual(['chromium-browser']);
    expect(missingPackages(needsOf('demo', undefined), NOTHING, 'alpine')).toEqual([
      'bubblewrap',
      'setpriv',
      'util-linux-misc',
      'coreutils',
    ]);
  });
});

describe('which system this is', () => {
  it.each([
    ['linux', 'ID=debian\nVERSION_ID="12"', 'debian'],
    ['linux', 'ID=ubuntu\nID_LIKE=debian', 'ubuntu'],
    ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"', 'ubuntu'],
    ['linux', 'ID=raspbian\nID_LIKE=debian', 'debian'],
    ['linux', 'ID=fedora', 'fedora'],
    ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"', 'fedora'],
    ['linux', 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', 'suse'],
    ['linux', 'ID=arch', 'arch'],
    ['linux', 'ID=alpine', 'alpine'],
    ['linux', 'ID=nixos', 'unknown'],
    ['linux', '', 'unknown'],
    ['darwin', '', 'macos'],
    ['win32', '', 'windows'],
  ])('%s with %j is %s', (platform, osRelease, system) => {
    expect(systemOf(platform, osRelease)).toBe(system);
  });
});

describe('how packages come onto it', () => {
  const APT = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300'];

  it('is by apt-get as root, or by sudo where that asks nothing', () => {
    expect(installStep('debian', ['bubblewrap', 'git'], 'root')).toEqual({
      kind: 'install',
      update: [...APT, 'update'],
      argv: [...APT, 'install', '-y', '--no-install-recommends', 'bubblewrap', 'git'],
    });
    expect(installStep('ubuntu', ['curl'], 'sudo')).toEqual({
      kind: 'install',
      update: ['sudo', '-n', ...APT, 'update'],
      argv: ['sudo', '-n', ...APT, 'install', '-y', '--no-install-recommends', 'curl'],
    });
  });

  it.each([
    ['debian', 'none', '  sudo apt-get update && sudo apt-get install -y --no-install-recommends bubblewrap'],
    ['fedora', 'none', '  sudo dnf install -y bubblewrap'],
    ['fedora', 'root', '  dnf install -y bubblewrap'],
    ['suse', 'sudo', '  sudo zypper install -y bubblewrap'],
    ['arch', 'none', '  sudo pacman -S --needed --noconfirm bubblewrap'],
    ['alpine', 'root', '  apk add bubblewrap'],
  ] as const)('on %s with privilege %s it says the exact command and stops', (system, privilege, command) => {
    expect(installStep(system, ['bubblewrap'], privilege)).toEqual({
      kind: 'tell',
      lines: ['Install them, then run this again:', command],
    });
  });

  it.each([
    ['macos', 'macOS does not have'],
    ['windows', 'WSL 2'],
    ['unknown', 'bubblewrap'],
  ] as const)('on %s it says honestly that it cannot', (system, words) => {
    const step = installStep(system, ['bubblewrap'], 'root');
    expect(step.kind).toBe('tell');
    expect(step.kind === 'tell' && step.lines.join('\n')).toContain(words);
  });
});
