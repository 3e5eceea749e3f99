/**
 * System calls that no job needs, and their numbers. Pure data.
 *
 * Sources of the numbers: Linux `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` (which
 * aarch64 uses); of the architectures: `include/uapi/linux/audit.h`.
 */

/** Processor architectures, as Node.js names them, that there is a filter for. */
export type FilteredArch = 'x64' | 'arm64';

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64. */
export const AUDIT_ARCH: Readonly<Record<FilteredArch, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Numbers of one call; null where an architecture does not have it. */
export type CallNumbers = readonly [x64: number | null, arm64: number | null];

/** Refused with EPERM, whatever their arguments. */
export const FORBIDDEN: Readonly<Record<string, CallNumbers>> = {
  // Look into other processes: the program that speaks for the agent has the agent's own user.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  // The tree of mounts.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  open_tree: [428, 428],
  open_tree_attr: [467, 467],
  move_mount: [429, 429],
  mount_setattr: [442, 442],
  open_by_handle_at: [304, 265],
  // Large or old parts of the kernel, whose faults are what an escape begins with.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  userfaultfd: [323, 282],
  fanotify_init: [300, 262],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  lookup_dcookie: [212, 18],
  nfsservctl: [180, 42],
  modify_ldt: [154, null],
  uselib: [134, null],
  sysfs: [139, null],
  _sysctl: [156, null],
  // The machine itself.
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  vhangup: [153, 58],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, null],
  ioperm: [173, null],
};

/**
 * "Not there" (ENOSYS) instead of "not allowed", since programs then take the older way: the C library makes threads by
 * `clone`, whose flags a filter can see, and event loops go without io_uring.
 */
export const ABSENT: Readonly<Record<string, CallNumbers>> = {
  clone3: [435, 435],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
};

/** Allowed or not by their arguments. */
export const EXAMINED = {
  clone: [56, 220],
  unshare: [272, 97],
  setns: [308, 268],
  socket: [41, 198],
  ioctl: [16, 29],
  personality: [135, 92],
} as const satisfies Record<string, CallNumbers>;
