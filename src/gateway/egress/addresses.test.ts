import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOf } from './addresses.ts';

describe('kindOf', () => {
  it.each(['1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.1', '192.167.1.1', '100.63.1.1', '100.128.0.1'])(
    '%s is public',
    (address) => expect(kindOf(address)).toBe('public'),
  );

  it.each(['2606:4700::1111', '2a00:1450:4001::1', '2002:808:808::1', '64:ff9b::8.8.8.8', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => expect(kindOf(address)).toBe('public'),
  );

  const PRIVATE = ['10.0.0.1', '10.255.255.255', '127.0.0.1', '127.8.9.10', '172.16.0.1', '172.31.255.255'].concat([
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '198.18.0.1',
    '198.19.255.255',
  ]);
  const NEVER = ['0.0.0.0', '0.1.2.3', '169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16'].concat([
    '192.0.0.192',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '203.0.113.9',
  ]);

  it.each([...PRIVATE, '::1', 'fc00::1', 'fd12:3456::1', 'fdff:ffff::1'])('%s is private', (address) => {
    expect(kindOf(address)).toBe('private');
  });

  it.each([
    ...NEVER,
    ...['::', 'fe80::1', 'fe80::1%eth0', '1.2.3.4%eth0', 'ff02::1', 'fec0::1', 'fd00:ec2::254', 'fd20:ce::254'],
    ...[
      '2001:db8::1',
      '2001::1',
      '2001:0:4136:e378:8000:63bf:3fff:fdd2',
      '64:ff9b:1::1',
      '3fff::1',
      '100::1',
      '5f00::1',
    ],
    ...['', 'localhost', '1.2.3', '1.2.3.4.5', '0x7f.1'],
  ])('%s is never reached', (address) => {
    expect(kindOf(address)).toBe('never');
  });

  it('sees an IPv4 address in every IPv6 address that leads to it', () => {
    const hex = (address: string): string => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
      return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    };
    fc.assert(
      fc.property(fc.constantFrom(...PRIVATE, ...NEVER, '8.8.8.8', '93.184.216.34'), (address) => {
        const spellings = [`::ffff:${address}`, `::ffff:${hex(address)}`, `0:0:0:0:0:ffff:${hex(address)}`];
        const others = [`64:ff9b::${address}`, `64:ff9b::${hex(address)}`, `2002:${hex(address)}::1`];
        for (const spelling of [...spellings, ...others]) expect(kindOf(spelling)).toBe(kindOf(address));
      }),
    );
  });
});
