/** The emulator's Cloud Storage, through the official client. */
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { storage } from '@googleapis/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, openEmulator } from '../support/google/emulator.ts';

describe('Cloud Storage in the emulator', () => {
  let emulator: Emulator;
  let api: ReturnType<typeof storage>;
  beforeAll(async () => {
    emulator = await openEmulator();
    api = storage({ version: 'v1', rootUrl: `${emulator.url}/` });
  });
  afterAll(() => emulator.close());
  // The client takes no notice of its own `rootUrl` for uploads, only of the call's.
  const put = (name: string, body: string | Readable, rest: object = {}) =>
    api.objects.insert(
      { bucket: 'bucket', requestBody: { name }, media: { body }, ...rest },
      { retry: false, rootUrl: `${emulator.url}/` },
    );
  const text = async (object: string, range?: string): Promise<string> => {
    const headers = range === undefined ? {} : { Range: range };
    const { data } = await api.objects.get(
      { bucket: 'bucket', object, alt: 'media' },
      { responseType: 'text', headers },
    );
    return String(data);
  };
  const failed = (call: Promise<unknown>): Promise<number> =>
    call.then(
      () => 0,
      (error: { status?: number }) => error.status ?? -1,
    );

  it('keeps an object, names its generation and gives any part of it', async () => {
    const { data } = await put('a/b c?', 'hello world');
    expect(data).toMatchObject({ name: 'a/b c?', size: '11', bucket: 'bucket' });
    expect(await text('a/b c?')).toBe('hello world');
    expect(await text('a/b c?', 'bytes=6-')).toBe('world');
    expect(await text('a/b c?', 'bytes=0-4')).toBe('hello');
    expect(await failed(text('a/b c?', 'bytes=11-'))).toBe(416);
    expect(await failed(text('missing'))).toBe(404);
    expect(await failed(api.objects.get({ bucket: 'no-bucket', object: 'x' }))).toBe(404);
  });

  it('takes a stream, and nothing of one that breaks off', async () => {
    await put('stream', Readable.from(['one ', 'two']));
    expect(await text('stream')).toBe('one two');
    // Not through the client: it waits for ever when its stream breaks, and the stream's error goes to nobody.
    const broken = request(`${emulator.url}/upload/storage/v1/b/bucket/o?uploadType=media&name=broken`, {
      method: 'POST',
    });
    broken.on('error', () => undefined);
    broken.write('half');
    await new Promise((done) => broken.once('socket', done));
    broken.destroy();
    expect(await failed(text('broken'))).toBe(404);
  });

  it('lets one of many writers win where there must be no object', async () => {
    const writes = Array.from({ length: 8 }, (_, index) => failed(put('once', `${index}`, { ifGenerationMatch: '0' })));
    expect((await Promise.all(writes)).toSorted()).toEqual([0, 412, 412, 412, 412, 412, 412, 412]);
  });

  it('takes an upload in pieces, and goes on after a lost piece', async () => {
    const begun = await fetch(`${emulator.url}/upload/storage/v1/b/bucket/o?uploadType=resumable`, {
      method: 'POST',
      body: JSON.stringify({ name: 'pieces' }),
    });
    const location = begun.headers.get('location') ?? '';
    const send = (body: string, range: string) =>
      fetch(location, { method: 'PUT', body, headers: { 'content-range': range } });
    const first = await send('0123', 'bytes 0-3/*');
    expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-3']);
    expect((await send('89', 'bytes 8-9/10')).status).toBe(503);
    expect((await send('', 'bytes */*')).headers.get('range')).toBe('bytes=0-3');
    expect((await send('456789', 'bytes 4-9/10')).status).toBe(200);
    expect(await text('pieces')).toBe('0123456789');
  });

  it('lists by prefix and folder, page by page, and deletes', async () => {
    for (const name of ['l/1/a', 'l/1/b', 'l/2/a', 'l/z']) await put(name, 'x');
    const { data } = await api.objects.list({ bucket: 'bucket', prefix: 'l/', delimiter: '/' });
    expect([data.prefixes, data.items?.map((item) => item.name)]).toEqual([['l/1/', 'l/2/'], ['l/z']]);
    const page = await api.objects.list({ bucket: 'bucket', prefix: 'l/', maxResults: 3 });
    const rest = await api.objects.list({ bucket: 'bucket', prefix: 'l/', pageToken: page.data.nextPageToken ?? '' });
    expect(rest.data.items?.map((item) => item.name)).toEqual(['l/z']);
    await api.objects.delete({ bucket: 'bucket', object: 'l/z' });
    expect(await failed(api.objects.delete({ bucket: 'bucket', object: 'l/z' }))).toBe(404);
  });
});
