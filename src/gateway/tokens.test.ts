import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunId } from '../core/ids.ts';
import { isSameToken, runToken } from './tokens.ts';

const SECRET = new Uint8Array(32).fill(7);
const id = (text: string): RunId => text as RunId;
const RUN = id('0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b');

describe('run tokens', () => {
  it('are the same for the same secret and run, and differ with either', () => {
    expect(runToken(SECRET, RUN)).toBe(runToken(Uint8Array.from(SECRET), RUN));
    expect(runToken(SECRET, RUN)).toMatch(/^slwrun_0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b_[\w-]{43}$/);
    expect(runToken(new Uint8Array(32).fill(8), RUN)).not.toBe(runToken(SECRET, RUN));
    expect(runToken(SECRET, id(RUN.replace('0190', '0191')))).not.toBe(runToken(SECRET, RUN));
  });

  it('are refused when anything in them is changed', () => {
    const token = runToken(SECRET, RUN);
    expect(isSameToken(token, token)).toBe(true);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
        fc.pre(token[at] !== letter);
        expect(isSameToken(token.slice(0, at) + letter + token.slice(at + 1), token)).toBe(false);
      }),
    );
    expect(isSameToken('', token)).toBe(false);
    expect(isSameToken(`${token}x`, token)).toBe(false);
  });

  it('are not made from a weak secret or for what is no run', () => {
    expect(() => runToken(new Uint8Array(16), RUN)).toThrow(RangeError);
    expect(() => runToken(SECRET, id('../x'))).toThrow(RangeError);
  });
});
