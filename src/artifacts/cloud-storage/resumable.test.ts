import { describe, expect, it } from 'vitest';
import { type Send, upload } from './resumable.ts';
import { createRepeat } from './retry.ts';

const LENGTH = 9_000_000;
const content = Buffer.from(Uint8Array.from({ length: LENGTH }, (_, index) => (index * 7 + (index >> 12)) & 255));
const GRAIN = 262_144;

/** A service that keeps less than it is sent, in whole grains, as Cloud Storage may. */
const createStingyService = () => {
  let kept = Buffer.alloc(0);
  const send: Send = async ({ method, headers, body }) => {
    if (method === 'POST') return { status: 200, header: () => 'https://upload.example/session' };
    const [, first, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
    if (first !== undefined) {
      if (Number(first) !== kept.length) return { status: 400, header: () => null };
      const bytes = Buffer.from(body);
      const most = Math.floor((bytes.length * 0.75) / GRAIN) * GRAIN;
      kept = Buffer.concat([kept, most === 0 ? bytes : bytes.subarray(0, most)]);
    }
    if (String(kept.length) === total) return { status: 200, header: () => null };
    return { status: 308, header: () => (kept.length === 0 ? null : `bytes=0-${kept.length - 1}`) };
  };
  return { send, kept: () => kept };
};

describe('an upload', () => {
  it('sends again what the service has not kept of a piece', async () => {
    const service = createStingyService();
    const repeat = createRepeat({
      bucket: 'bucket',
      account: async () => 'server@demo.example',
      clock: { now: () => 0, sleep: async () => undefined },
      random: { bytes: () => new Uint8Array(), float: () => 0 },
    });
    const source = async function* () {
      for (let at = 0; at < LENGTH; at += 65_521) yield content.subarray(at, at + 65_521);
    };
    expect(await upload(service.send, repeat, 'https://upload.example/', source())).toBe(LENGTH);
    expect(service.kept().equals(content)).toBe(true);
  });
});
