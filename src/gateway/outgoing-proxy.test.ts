import { describe, expect, it } from 'vitest';
import { describeProxy, NO_PROXIES, proxyFor } from './outgoing-proxy.ts';

const target = (text: string): URL => new URL(text);
const API = target('https://api.model.example');
const settings = (none: string | null) => ({ https: 'http://secure:1', http: 'http://plain:2', none });

describe('the proxy to the model service', () => {
  it('is the one for its protocol', () => {
    expect(proxyFor(API, settings(null))?.href).toBe('http://secure:1/');
    expect(proxyFor(target('http://api.model.example'), settings(null))?.href).toBe('http://plain:2/');
    expect(proxyFor(API, { ...NO_PROXIES, http: 'http://plain:2' })).toBeNull();
    expect(proxyFor(API, NO_PROXIES)).toBeNull();
  });

  it('may be given without its protocol', () => {
    expect(proxyFor(API, { ...NO_PROXIES, https: 'proxy.example:3128' })?.href).toBe('http://proxy.example:3128/');
  });

  it.each([
    ['*', true],
    ['api.model.example', true],
    ['model.example', true],
    ['.model.example', true],
    ['*.model.example', true],
    ['other.example, MODEL.example', true],
    ['other.example model.example', true],
    ['api.model.example:443', true],
    ['api.model.example:8443', false],
    ['odel.example', false],
    ['example.api', false],
    ['', false],
    [',. ,', false],
  ])('NO_PROXY=%s leaves it out: %s', (none, direct) => {
    expect(proxyFor(API, settings(none)) === null).toBe(direct);
  });

  it.each([
    ['https://10.1.2.3', '10.0.0.0/8', true],
    ['https://10.1.2.3', '10.1.2.3', true],
    ['https://10.1.2.3', '2.3', false],
    ['https://10.1.2.3', '10.0.0.0/99', false],
    ['https://11.1.2.3', '10.0.0.0/8', false],
    ['https://[fd00::1]', 'fd00::/8', true],
    ['https://[fd00::1]:8443', '[fd00::1]:8443', true],
    ['https://[fd00::1]', '10.0.0.0/8', false],
  ])('%s with NO_PROXY=%s is direct: %s', (url, none, direct) => {
    expect(proxyFor(target(url), settings(none)) === null).toBe(direct);
  });

  it.each(['http://127.0.0.1:9', 'https://localhost', 'http://[::1]:80', 'http://demo.localhost'])(
    'is not on the way to %s',
    (url) => expect(proxyFor(target(url), settings(null))).toBeNull(),
  );

  it.each(['socks5://me:secret@proxy.example:1080', 'http://', 'me:secret@'])(
    'is refused without its words: %s',
    (https) => {
      const refuse = () => proxyFor(API, { ...NO_PROXIES, https });
      expect(refuse).toThrow('HTTPS_PROXY is not the address of an HTTP proxy.');
      expect(refuse).not.toThrow(/secret/);
    },
  );

  it('is described without its password', () => {
    expect(describeProxy(target('http://me:secret@proxy.example:3128'))).toBe(
      'http://proxy.example:3128, with credentials',
    );
    expect(describeProxy(target('http://proxy.example:3128'))).toBe('http://proxy.example:3128');
  });
});
