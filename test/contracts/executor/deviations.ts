/** How an executor is unlike others. Each deviation is declared with its reason where it runs the suite. */
export interface Deviations {
  /** No share of a CPU: a place has the machine to itself. */
  readonly wholeMachine?: string;
  /** TMPDIR is on a disk and does not count as memory. */
  readonly temporaryOnDisk?: string;
  /** Processes are counted and ended; that one too many is started is not prevented. */
  readonly countsProcesses?: string;
  /** The network is open, and nothing keeps a job to the hosts that it names. */
  readonly openNetwork?: string;
  /** Starting a place costs so much that a property is tried with this many examples. */
  readonly examples?: number;
}
