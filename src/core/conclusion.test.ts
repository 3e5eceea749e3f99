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

it('of a run that nobody looked after names the executor, what was kept and what is not known', () => {
  expect(conclude.abandoned('cloud-build')).toMatchObject({
    status: 'failed',
    stopReason: 'error',
    failure: {
      code: 'place_lost',
      message: expect.stringContaining('"cloud-build"'),
      hint: expect.stringMatching(/^Events up to then were kept; .* SLIPWAY_EXECUTOR=cloud-build/),
    },
  });
});
