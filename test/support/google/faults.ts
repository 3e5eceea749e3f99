/** Faults on demand: what goes wrong with the next requests that a rule fits. */

export interface Fault {
  /** Tried against `METHOD /path?query`. */
  readonly on: RegExp;
  /** How many requests it hits; for ever when left out. */
  times?: number;
  /** Milliseconds before anything is done. */
  readonly delayMs?: number;
  /** Answered instead of doing anything. */
  readonly status?: number;
  /** The request is carried out, and the connection is cut instead of an answer. */
  readonly loseAnswer?: boolean;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** All that hit this request, each counted down. */
  take(request: string): readonly Fault[];
}

export const createFaults = (): Faults => {
  let active: Fault[] = [];
  return {
    add: (fault) => void active.push({ ...fault }),
    clear: () => {
      active = [];
    },
    take: (request) => {
      const hit = active.filter(({ on }) => on.test(request));
      for (const fault of hit) if (fault.times !== undefined) fault.times -= 1;
      active = active.filter(({ times }) => times === undefined || times > 0);
      return hit;
    },
  };
};
