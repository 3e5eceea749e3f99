/** A rule that a file breaks. */
export interface Violation {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly rule: string;
  readonly detail: string;
}

/** One line for a person. */
export const describeViolation = ({ path, rule, detail }: Violation): string => `${path}: ${rule}: ${detail}`;
