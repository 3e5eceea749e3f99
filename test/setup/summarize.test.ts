import { describe, expect, it } from 'vitest';
import { summarize } from '../../scripts/setup/summarize.mjs';

const file = (status: string, tests: number) => ({
  name: '/x/a.test.ts',
  status,
  assertionResults: Array.from({ length: tests }, () => ({})),
});
const report = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [file('passed', 3)],
};

describe('the closing count', () => {
  it('counts what passed', () => {
    expect(summarize(report, 0)).toEqual({ passed: 3, failed: 0, remarks: [] });
  });

  it.each([
    ['a failed test', { ...report, numFailedTests: 2, testResults: [file('failed', 5)] }, 1, 2],
    ['a skipped test', { ...report, numPendingTests: 1 }, 0, 1],
    ['a test that is yet to be written', { ...report, numTodoTests: 1 }, 0, 1],
    ['a file that would not load', { ...report, testResults: [file('passed', 3), file('failed', 0)] }, 1, 1],
    ['a fault outside the tests', report, 1, 1],
    ['no test at all', { ...report, numPassedTests: 0, testResults: [] }, 0, 1],
    ['tests that were never reached', null, 1, 1],
  ])('counts %s as failed, and says so', (_, given, status, failed) => {
    const summary = summarize(given, status);
    expect(summary.failed).toBe(failed);
    expect(summary.remarks.length).toBe(given?.numFailedTests ? 0 : 1);
  });
});
