import { expect, it } from 'vitest';
import { conclude } from './conclusion.ts';

it('of a run that was not let begin is the failure that it was refused for', () => {
  const failure = { code: 'packages_failed', message: 'No.', hint: null } as const;
  expect(conclude.refused(failure)).toEqual({
    status: 'failed',
    stopReason: 'error',
    limitsHit: [],
    result: null,
    failure,
  });
});
