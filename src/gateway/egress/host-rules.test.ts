import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HostRule, hostRuleOf, isLifted, judge, targetOf } from './host-rules.ts';

const rules = (...lines: string[]): HostRule[] => lines.map(hostRuleOf).filter((rule) => rule !== null);
const judged = (lines: string[], target: string): string => {
  const found = targetOf(target);
  if (found === null) throw new Error(`${target} is no target`);
  return judge(rules(...lines), found);
};

describe('a target', () => {
  it.each([
    ['example.com:443', 'example.com', 443],
    ['EXAMPLE.com.:80', 'example.com', 80],
    ['a_b.example.com:8080', 'a_b.example.com', 8080],
    ['localhost:1', 'localhost', 1],
  ])('%s is a name', (text, host, port) => {
    expect(targetOf(text)).toEqual({ host, port, kind: 'name' });
  });

  it.each([
    ['127.0.0.1:80', '127.0.0.1'],
    ['2130706433:80', '127.0.0.1'],
    ['0x7f000001:80', '127.0.0.1'],
    ['0x7f.1:80', '127.0.0.1'],
    ['017700000001:80', '127.0.0.1'],
    ['0177.0.0.01:80', '127.0.0.1'],
    ['127.1:80', '127.0.0.1'],
    ['127.0.0.1.:80', '127.0.0.1'],
    ['0:80', '0.0.0.0'],
    ['[::1]:80', '::1'],
    ['[::ffff:127.0.0.1]:80', '::ffff:7f00:1'],
    ['[0:0:0:0:0:0:0:1]:80', '::1'],
    ['[::FFFF:A9FE:A9FE]:80', '::ffff:a9fe:a9fe'],
  ])('%s is an address', (text, host) => {
    expect(targetOf(text)).toEqual({ host, port: 80, kind: 'address' });
  });

  it.each([
    ...['', ':443', 'example.com', 'example.com:', 'example.com:0', 'example.com:65536', 'example.com:4 43'],
    ...['user@example.com:443', 'example.com/x:443', 'ex%61mple.com:443', 'exämple.com:443', 'a b.com:443'],
    ...[
      'a..b.com:443',
      '-a.com:443',
      'a\\b.com:443',
      'a.com#:443',
      'a.com\t:443',
      '[fe80::1%25eth0]:443',
      '1.2.3.256:80',
    ],
    ...['127.0.0.1.5:80', 'example.0x7f:80', '[::1:80', '*.example.com:443', 'ＥＸＡＭＰＬＥ.com:443', '①.com:443'],
  ])('%j is none', (text) => {
    expect(targetOf(text)).toBeNull();
  });

  it('is one spelling of a name, or nothing, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.domain(), fc.ipV4Extended(), fc.ipV6()), (text) => {
        const target = targetOf(text, 80);
        if (target === null) return;
        expect(target.host).toMatch(/^[a-z0-9._:-]+$/);
        expect(targetOf(target.host.includes(':') ? `[${target.host}]` : target.host, 80)).toEqual({
          ...target,
          port: 80,
        });
      }),
    );
  });
});

describe('an allow list', () => {
  it('holds a name on the ports of the web, and with a port on that one alone', () => {
    for (const port of [443, 80]) expect(judged(['example.com'], `example.com:${port}`)).toBe('allowed');
    expect(judged(['example.com'], 'example.com:22')).toBe('port');
    expect(judged(['example.com:8443'], 'example.com:8443')).toBe('allowed');
    expect(judged(['example.com:8443'], 'example.com:443')).toBe('port');
    expect(judged(['example.com', 'example.com:8443'], 'example.com:8443')).toBe('allowed');
  });

  it('holds names below a wildcard, at any depth, and not the name itself or one that ends alike', () => {
    for (const name of ['a.example.com', 'a.b.example.com'])
      expect(judged(['*.example.com'], `${name}:443`)).toBe('allowed');
    for (const name of ['example.com', 'evilexample.com', 'example.com.evil.net', 'com']) {
      expect(judged(['*.example.com'], `${name}:443`)).toBe('host');
    }
  });

  it('holds nothing but what it names', () => {
    for (const name of ['a.example.com', 'xample.com', 'example.co', 'example.com.a']) {
      expect(judged(['example.com'], `${name}:443`)).toBe('host');
    }
    expect(judged([], 'example.com:443')).toBe('host');
    expect(hostRuleOf('*.127.0.0.1')).toBeNull();
    expect(hostRuleOf('https://example.com')).toBeNull();
  });
});

describe("the operator's list", () => {
  it('holds all ports of a host, or one', () => {
    const target = { host: 'registry.corp', port: 4873, kind: 'name' } as const;
    expect(isLifted(rules('registry.corp'), target)).toBe(true);
    expect(isLifted(rules('registry.corp:4873'), target)).toBe(true);
    expect(isLifted(rules('registry.corp:80'), target)).toBe(false);
    expect(isLifted(rules('*.corp'), target)).toBe(true);
    expect(isLifted(rules('10.0.0.5'), { host: '10.0.0.5', port: 80, kind: 'address' })).toBe(true);
  });
});
