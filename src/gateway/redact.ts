/**
 * Takes secrets out of what goes to a job, even when an upstream echoes them. A secret is covered by as many
 * asterisks, so lengths stay, and a secret that is split over chunks is found: only bytes that could be its beginning
 * wait for the next chunk.
 */

/** Shorter secrets are not looked for: they would blacken ordinary words, and no real key is that short. */
const SHORTEST_SECRET = 8;
const COVER = 0x2a;

export interface Redaction {
  text(value: string): string;
  /** A redactor for one stream of bytes. */
  stream(): { push(bytes: Uint8Array): Uint8Array; end(): Uint8Array };
}

/** The secret as it may be written: plain, in JSON, in a URL. */
const spellings = (secret: string): string[] => {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, json, json.replaceAll('/', '\\/'), encodeURIComponent(secret)];
};

const heldBack = (bytes: Buffer, pattern: Buffer): number => {
  const first = pattern[0] ?? 0;
  for (let at = Math.max(0, bytes.length - pattern.length + 1); at < bytes.length; at += 1) {
    if (bytes[at] !== first) continue;
    if (bytes.subarray(at).equals(pattern.subarray(0, bytes.length - at))) return bytes.length - at;
  }
  return 0;
};

const cover = (bytes: Buffer, patterns: readonly Buffer[]): Buffer => {
  let covered = bytes;
  for (const pattern of patterns) {
    for (let at = covered.indexOf(pattern); at >= 0; at = covered.indexOf(pattern, at + pattern.length)) {
      if (covered === bytes) covered = Buffer.from(bytes);
      covered.fill(COVER, at, at + pattern.length);
    }
  }
  return covered;
};

export const createRedaction = (secrets: readonly (string | null)[]): Redaction => {
  const known = secrets.filter((secret) => secret !== null).filter((secret) => secret.length >= SHORTEST_SECRET);
  // The longest first: one secret may begin with another.
  const patterns = [...new Set(known.flatMap(spellings))]
    .map((spelling) => Buffer.from(spelling))
    .sort((a, b) => b.length - a.length);
  return {
    text: (value) => cover(Buffer.from(value), patterns).toString(),
    stream() {
      let carry = Buffer.alloc(0);
      return {
        push(bytes) {
          const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          const covered = cover(carry.length === 0 ? view : Buffer.concat([carry, view]), patterns);
          const held = Math.max(0, ...patterns.map((pattern) => heldBack(covered, pattern)));
          carry = Buffer.from(covered.subarray(covered.length - held));
          return covered.subarray(0, covered.length - held);
        },
        end() {
          const rest = carry;
          carry = Buffer.alloc(0);
          return rest;
        },
      };
    },
  };
};
