import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAllowedHost, isHostPattern } from './host-names.ts';

describe('isHostPattern', () => {
  it.each(['example.com', 'a.b.example.co.uk', '*.example.com', 'xn--bcher-kva.example', 'a-b.c1'])(
    'takes %s',
    (name) => {
      expect(isHostPattern(name)).toBe(true);
    },
  );

  it('takes no way to write an IPv4 address', () => {
    const part = fc
      .integer({ min: 0, max: 255 })
      .chain((n) => fc.constantFrom(`${n}`, `0x${n.toString(16)}`, `0${n.toString(8)}`));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        expect(isHostPattern(parts.join('.'))).toBe(false);
        expect(isHostPattern(`*.${parts.join('.')}`)).toBe(false);
      }),
    );
  });

  it('takes no name by which a machine or a metadata server is reached from within', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('localhost', 'local', 'internal', 'localdomain', 'metadata.goog'),
        fc.constantFrom('', 'a.', '*.', 'metadata.google.'),
        (suffix, prefix) => {
          expect(isHostPattern(prefix + suffix)).toBe(false);
        },
      ),
    );
  });
});

describe('isAllowedHost', () => {
  it.each(['example.com', '*.example.com', 'example.com:8443', '*.example.com:1', 'example.com:65535'])(
    'takes %s',
    (text) => {
      expect(isAllowedHost(text)).toBe(true);
    },
  );

  it.each([
    'example.com:',
    'example.com:0',
    'example.com:65536',
    'example.com:080',
    'example.com:1:2',
    'localhost:80',
    ':80',
  ])('refuses %s', (text) => {
    expect(isAllowedHost(text)).toBe(false);
  });
});
