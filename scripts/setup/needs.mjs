/**
 * What each profile needs of the machine, and what its systems call the packages. Pure data and functions: plain
 * JavaScript, because it runs before anything is installed, on whatever Node the machine has.
 */

/** @typedef {'demo' | 'start' | 'test'} Profile */
/** @typedef {'debian' | 'ubuntu' | 'fedora' | 'suse' | 'arch' | 'alpine' | 'macos' | 'windows' | 'unknown'} SystemName */
/**
 * A program that must answer; the first of `programs` that does is enough.
 * @typedef {{ programs: readonly string[], package: string, elsewhere?: Readonly<Partial<Record<SystemName, string>>> }} Need
 */

/** @type {readonly Need[]} */
const SANDBOX = [
  { programs: ['bwrap'], package: 'bubblewrap' },
  { programs: ['setpriv'], package: 'util-linux', elsewhere: { alpine: 'setpriv' } },
  { programs: ['unshare'], package: 'util-linux', elsewhere: { alpine: 'util-linux-misc' } },
  { programs: ['timeout'], package: 'coreutils' },
];

/** @type {readonly Need[]} */
const TEST_TOOLS = [
  {
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    package: 'chromium',
    elsewhere: { ubuntu: 'chromium-browser' },
  },
  { programs: ['git'], package: 'git' },
  { programs: ['curl'], package: 'curl' },
  // Where a sandbox sees it: one in a home directory is not there inside.
  {
    programs: ['/usr/bin/pip3', '/usr/local/bin/pip3'],
    package: 'python3-pip',
    elsewhere: { arch: 'python-pip', alpine: 'py3-pip' },
  },
];

/** @type {Readonly<Record<Profile, readonly Need[]>>} */
const NEEDS = { demo: SANDBOX, start: SANDBOX, test: [...SANDBOX, ...TEST_TOOLS] };

/** @type {readonly string[]} */
export const PROFILES = Object.keys(NEEDS);

/**
 * What a profile needs. A server that hands its runs to Cloud Build needs no sandbox of its own.
 * @param {Profile} profile
 * @param {string | undefined} executor value of SLIPWAY_EXECUTOR
 * @returns {readonly Need[]}
 */
export const needsOf = (profile, executor) => (profile === 'start' && executor === 'cloud-build' ? [] : NEEDS[profile]);

/**
 * The packages to install for the needs that nothing on the machine answers, each once, in a fixed order.
 * @param {readonly Need[]} needs
 * @param {ReadonlySet<string>} present programs that answered
 * @param {SystemName} system
 * @returns {string[]}
 */
export const missingPackages = (needs, present, system) => {
  const unmet = needs.filter((need) => !need.programs.some((program) => present.has(program)));
  return [...new Set(unmet.map((need) => need.elsewhere?.[system] ?? need.package))];
};

/** Families by the names that /etc/os-release gives in ID and ID_LIKE, the most particular first. */
const FAMILIES = /** @type {const} */ ([
  ['ubuntu', 'ubuntu'],
  ['debian', 'debian'],
  ['fedora', 'fedora'],
  ['rhel', 'fedora'],
  ['suse', 'suse'],
  ['opensuse', 'suse'],
  ['arch', 'arch'],
  ['alpine', 'alpine'],
]);

/**
 * Which kind of system this is.
 * @param {string} platform as `process.platform` has it
 * @param {string} osRelease content of /etc/os-release; empty when there is none
 * @returns {SystemName}
 */
export const systemOf = (platform, osRelease) => {
  if (platform === 'darwin') return 'macos';
  if (platform === 'win32') return 'windows';
  const names = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)]
    .flatMap((match) => (match[1] ?? '').replace(/["']/g, '').split(/\s+/))
    .map((name) => name.toLowerCase());
  return FAMILIES.find(([name]) => names.some((own) => own === name || own.startsWith(`${name}-`)))?.[1] ?? 'unknown';
};

/** @type {Readonly<Partial<Record<SystemName, string>>>} */
const INSTALL = {
  debian: 'apt-get install -y --no-install-recommends',
  ubuntu: 'apt-get install -y --no-install-recommends',
  fedora: 'dnf install -y',
  suse: 'zypper install -y',
  arch: 'pacman -S --needed --noconfirm',
  alpine: 'apk add',
};

/** @typedef {'root' | 'sudo' | 'none'} Privilege */
/**
 * `install`: run `argv` (after `update`, should the package lists be missing or old). `tell`: stop, and say `lines`.
 * @typedef {{ kind: 'install', update: readonly string[], argv: readonly string[] }
 *   | { kind: 'tell', lines: readonly string[] }} Step
 */

/**
 * How missing packages come onto this system.
 * @param {SystemName} system
 * @param {readonly string[]} packages
 * @param {Privilege} privilege
 * @returns {Step}
 */
export const installStep = (system, packages, privilege) => {
  const command = INSTALL[system];
  const list = packages.join(' ');
  if (command === undefined) return { kind: 'tell', lines: withoutPackages(system, list) };
  const apt = system === 'debian' || system === 'ubuntu';
  if (!apt || privilege === 'none') {
    const sudo = privilege === 'root' ? '' : 'sudo ';
    const update = apt ? `${sudo}apt-get update && ` : '';
    return { kind: 'tell', lines: ['Install them, then run this again:', `  ${update}${sudo}${command} ${list}`] };
  }
  const before = privilege === 'sudo' ? ['sudo', '-n'] : [];
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300'];
  return {
    kind: 'install',
    update: [...before, ...quiet, 'update'],
    argv: [...before, ...quiet, ...command.split(' ').slice(1), ...packages],
  };
};

const ELSEWHERE = 'Use a Linux machine, a virtual machine, or a container with Debian or Ubuntu.';

/** @type {(system: SystemName, list: string) => string[]} */
const withoutPackages = (system, list) => {
  if (system === 'macos') {
    return ['The sandbox is made of Linux namespaces, which macOS does not have: runs cannot execute here.', ELSEWHERE];
  }
  if (system === 'windows') {
    return ['The sandbox is made of Linux namespaces: use WSL 2 with Debian or Ubuntu, and run this again there.'];
  }
  return [`This system's package manager is not known to this script. Install what provides: ${list}`, ELSEWHERE];
};
