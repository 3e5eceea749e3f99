import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRunId, isUuid, uuidv7 } from './ids.ts';

const tenBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
const instants = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('uuidv7', () => {
  it('has the layout of RFC 9562: 48 bits of time, version 7, variant 10, the rest random', () => {
    fc.assert(
      fc.property(instants, tenBytes, (now, random) => {
        const id = uuidv7(now, random);
        expect(isUuid(id)).toBe(true);
        expect(isRunId(id)).toBe(true);
        expect(isRunId(id.toUpperCase().replace('7', 'G'))).toBe(false);
        const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
        expect(bytes.readUIntBE(0, 6)).toBe(now);
        expect((bytes[6] ?? 0) >> 4).toBe(7);
        expect((bytes[8] ?? 0) >> 6).toBe(0b10);
        const kept = (byte: number, index: number) => (index === 0 ? byte & 0x0f : index === 2 ? byte & 0x3f : byte);
        expect([...bytes.subarray(6)].map(kept)).toEqual([...random].map(kept));
      }),
    );
  });

  it('is the example of the RFC', () => {
    const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    expect(uuidv7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('sorts by creation', () => {
    fc.assert(
      fc.property(instants, instants, tenBytes, tenBytes, (a, b, one, other) => {
        fc.pre(a !== b);
        expect(uuidv7(a, one) < uuidv7(b, other)).toBe(a < b);
      }),
    );
  });

  it('takes whole milliseconds from the epoch on', () => {
    const random = new Uint8Array(10);
    expect(uuidv7(1.9, random)).toBe(uuidv7(1, random));
    expect(uuidv7(-5, random)).toBe(uuidv7(0, random));
  });

  it('takes exactly ten random bytes', () => {
    for (const count of [0, 9, 11]) expect(() => uuidv7(0, new Uint8Array(count))).toThrow(RangeError);
  });
});

describe('isUuid', () => {
  it.each([
    '',
    'x',
    '017F22E2-79B0-7CC3-98C4-DC0C0C07398F',
    '017f22e279b07cc398c4dc0c0c07398f',
    ' 017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n',
  ])('refuses %j', (text) => {
    expect(isUuid(text)).toBe(false);
  });
});
