/** The limits of a run, all enforced; a limit that was hit is named in the run's outcome. */

export interface Limits {
  /** Wall clock from the start of the execution, in seconds. */
  readonly timeoutSeconds: number;
  /** Longest silence of the execution, in seconds. */
  readonly idleSeconds: number;
  /** Memory of all processes together, in MiB (2^20 bytes). */
  readonly memoryMb: number;
  /** Disk space of workspace and home together, in MiB; of files and directories, as many as there would be of 4 KiB. */
  readonly diskMb: number;
  /** CPU time a second of wall clock; 1 is one core. */
  readonly cpus: number;
  /** Processes and threads alive at once. */
  readonly maxProcesses: number;
  /** Model turns; null = no limit. */
  readonly maxTurns: number | null;
  /** US dollars, metered by the gateway; null = no limit. */
  readonly maxBudgetUsd: number | null;
  /** Bytes that the execution may print, standard output and error together. */
  readonly maxOutputBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  timeoutSeconds: 300,
  idleSeconds: 120,
  memoryMb: 1024,
  diskMb: 4096,
  cpus: 1,
  maxProcesses: 256,
  maxTurns: null,
  maxBudgetUsd: null,
  maxOutputBytes: 67_108_864,
};

/** The smallest and the largest value that each limit may be given; the API's schema is made from it. */
export const LIMIT_BOUNDS: { readonly [Name in keyof Limits]: { readonly min: number; readonly max: number } } = {
  timeoutSeconds: { min: 1, max: 86_400 },
  idleSeconds: { min: 1, max: 86_400 },
  memoryMb: { min: 64, max: 1_048_576 },
  diskMb: { min: 16, max: 1_048_576 },
  cpus: { min: 0.1, max: 256 },
  maxProcesses: { min: 8, max: 32_768 },
  maxTurns: { min: 1, max: 10_000 },
  maxBudgetUsd: { min: 0, max: 1_000_000 },
  maxOutputBytes: { min: 1_024, max: 1_073_741_824 },
};

/** Limits as a caller gives them: what is left out is taken from `base`. */
export type LimitsPatch = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

/** `patch` over `base`; undefined leaves the base's value, null lifts an optional limit. */
export const mergeLimits = (base: Limits, patch: LimitsPatch = {}): Limits => ({
  timeoutSeconds: patch.timeoutSeconds ?? base.timeoutSeconds,
  idleSeconds: patch.idleSeconds ?? base.idleSeconds,
  memoryMb: patch.memoryMb ?? base.memoryMb,
  diskMb: patch.diskMb ?? base.diskMb,
  cpus: patch.cpus ?? base.cpus,
  maxProcesses: patch.maxProcesses ?? base.maxProcesses,
  maxTurns: patch.maxTurns === undefined ? base.maxTurns : patch.maxTurns,
  maxBudgetUsd: patch.maxBudgetUsd === undefined ? base.maxBudgetUsd : patch.maxBudgetUsd,
  maxOutputBytes: patch.maxOutputBytes ?? base.maxOutputBytes,
});
