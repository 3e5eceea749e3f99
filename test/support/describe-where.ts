import { describe, it } from 'vitest';

/**
 * Describes tests that need something which is on our machines, and perhaps not on a user's. Where it is missing they
 * are left out, which is said aloud; in continuous integration that is a failure.
 * @param missing why they cannot run; null where they can
 * @param advice sentence for whoever wants them to run
 */
export const describeWhere = (
  name: string,
  missing: string | null,
  advice: string | null,
  describeTests: () => void,
): void => {
  if (missing === null) {
    describe(name, describeTests);
    return;
  }
  const message = `NOT TESTED: ${name}, since ${missing}.${advice === null ? '' : ` ${advice}`}`;
  if (process.env.CI !== undefined && process.env.CI !== '') {
    it(name, () => {
      throw new Error(message);
    });
    return;
  }
  process.stderr.write(`\n${message}\n`);
  describe.skip(`${name} (${missing})`, describeTests);
};
