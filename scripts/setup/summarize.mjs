/** What a test run comes to, in two numbers that leave no fault out. Pure. */

/**
 * The parts of Vitest's JSON report that count.
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: readonly { name: string, status: string, assertionResults: readonly unknown[] }[] }} Report
 */

/**
 * A test that was skipped and a file that would not load count as failed, and so does a command that failed without a
 * failed test (a check before the tests, an unhandled error), or that ran no test at all.
 * @param {Report | null} report null when the tests were not reached
 * @param {number} status exit status of the command that ran them
 * @returns {{ passed: number, failed: number, remarks: string[] }}
 */
export const summarize = (report, status) => {
  if (report === null) {
    return { passed: 0, failed: 1, remarks: ['The tests were not reached: a step before them failed (see above).'] };
  }
  const skipped = report.numPendingTests + report.numTodoTests;
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const passed = report.numPassedTests;
  const counted = report.numFailedTests + skipped + unloaded.length;
  const remarks = unloaded.map((file) => `Could not be loaded, counted as failed: ${file.name}`);
  if (skipped > 0) remarks.push(`${skipped} tests were skipped; in CI nothing is, so they count as failed.`);
  if (counted > 0) return { passed, failed: counted, remarks };
  if (passed === 0) return { passed, failed: 1, remarks: [...remarks, 'No test was run, which counts as failed.'] };
  if (status === 0) return { passed, failed: 0, remarks };
  return { passed, failed: 1, remarks: [...remarks, `All tests passed, but the command ended with status ${status}.`] };
};
