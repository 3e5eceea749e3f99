import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../core/limits.ts';
import { decodeAgent } from './codec.ts';

describe('a stored task', () => {
  it('has the default of a limit that is newer than it, and keeps its own', () => {
    const { diskMb, ...older } = DEFAULT_LIMITS;
    const task = { prompt: 'p', limits: { ...older, memoryMb: 77 } };
    const doc = JSON.stringify({ id: 'a', userId: 'u', name: 'n', task, status: 'active', revision: 1 });
    expect(decodeAgent({ doc }).task.limits).toEqual({ ...DEFAULT_LIMITS, memoryMb: 77, diskMb });
  });
});
