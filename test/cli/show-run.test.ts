/** What people are shown of a run that never ran. */
import { afterEach, expect, it, vi } from 'vitest';
import { encodeRun } from '../../src/api/encode.ts';
import { sayRun } from '../../src/cli/show-run.ts';
import { NOW } from '../contracts/stores/fixtures.ts';
import { runIn } from '../support/run-states.ts';

afterEach(() => vi.restoreAllMocks());

/** What `slipway runs show` prints. */
const shown = (status: 'skipped' | 'failed'): string => {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  sayRun(encodeRun(runIn(status)), NOW);
  return text;
};

it('gives the reason why a firing was skipped, and no error', () => {
  const text = shown('skipped');
  expect(text).toMatch(/^Status +skipped$/m);
  expect(text).toMatch(/^Reason +An earlier run is still alive\.$/m);
  expect(text).not.toContain('Error');
});

it('gives the error of a run that failed', () => {
  expect(shown('failed')).toMatch(/^Error +harness_failed: It fell over\.\n +Look at the log\.$/m);
});
