/** Identifiers. All of ours are UUIDv7 (RFC 9562, section 5.7): sortable by creation time. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type RunId = Branded<'RunId'>;
export type AgentId = Branded<'AgentId'>;
export type ConversationId = Branded<'ConversationId'>;
export type KeyId = Branded<'KeyId'>;
export type UserId = Branded<'UserId'>;

/** A point in time: milliseconds since the Unix epoch, UTC. */
export type Instant = number;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a lower-case UUID of any version. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** The same, for text that is to name a run. */
export const isRunId = (text: string): text is RunId => isUuid(text);

/**
 * Makes a UUIDv7.
 * @param now creation time, written into the first 48 bits
 * @param random ten random bytes
 */
export const uuidv7 = (now: Instant, random: Uint8Array): string => {
  if (random.length !== 10) throw new RangeError(`uuidv7 needs 10 random bytes, got ${random.length}`);
  const time = Math.max(0, Math.trunc(now)).toString(16).padStart(12, '0');
  const tail = [...random].map((byte, index) => {
    if (index === 0) return (byte & 0x0f) | 0x70; // version 7
    if (index === 2) return (byte & 0x3f) | 0x80; // variant 10
    return byte;
  });
  const hex = tail.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${time.slice(0, 8)}-${time.slice(8)}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8)}`;
};
