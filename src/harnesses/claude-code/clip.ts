/**
 * Bounds and cleans JSON that comes from outside: no string above one size, no value above another, no nesting that
 * would break a later JSON.stringify, no lone surrogate and no NUL (which stores and terminals do not carry).
 */
import type { Json } from '../../core/json.ts';

/** Largest string and largest value in one event, in bytes of their JSON. */
export const MAX_STRING_BYTES = 262_144;
export const MAX_VALUE_BYTES = 491_520;
const MAX_KEY_BYTES = 1_024;
const MAX_DEPTH = 64;
/** No item's punctuation takes more. */
const PER_ITEM_BYTES = 8;

export interface Clipped {
  readonly value: Json;
  /** Bytes that were there and are not any more; 0 when the value is whole. */
  readonly lostBytes: number;
  readonly keptBytes: number;
}

/** Well-formed, and without NUL. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

/** Bytes of a string's JSON, quotes left out. */
const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

/** Bytes that one code point takes in JSON. */
const bytesOfPoint = (point: number): number => {
  if (point >= 0x80) return point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  if (point === 0x22 || point === 0x5c) return 2;
  if (point >= 0x20) return 1;
  return point === 0x08 || point === 0x09 || point === 0x0a || point === 0x0c || point === 0x0d ? 2 : 6;
};

/** The longest beginning of `text` whose JSON has at most `limit` bytes. */
const beginning = (text: string, limit: number): string => {
  let bytes = 0;
  let at = 0;
  while (at < text.length) {
    const point = text.codePointAt(at) ?? 0;
    bytes += bytesOfPoint(point);
    if (bytes > limit) break;
    at += point > 0xffff ? 2 : 1;
  }
  return text.slice(0, at);
};

/** Clips a text; `text.length` bytes are the least that its JSON can have. */
export const clipText = (raw: string, limit: number = MAX_STRING_BYTES): Clipped & { readonly value: string } => {
  const text = cleanText(raw);
  const bytes = bytesOf(text);
  if (bytes <= limit) return { value: text, lostBytes: 0, keptBytes: bytes };
  const value = beginning(text, limit);
  const keptBytes = bytesOf(value);
  return { value, lostBytes: bytes - keptBytes, keptBytes };
};

/** The end of a text, clipped from its beginning. */
export const tailOf = (raw: string, limit: number): string => cleanText(raw.slice(-limit));

/** Clips a parsed value; what JSON cannot hold becomes null. */
export const clipJson = (value: unknown, limit: number = MAX_VALUE_BYTES): Clipped => {
  let kept = 0;
  let lost = 0;
  const take = (text: string, most: number): string => {
    const clipped = clipText(text, Math.max(0, Math.min(most, limit - kept)));
    kept += clipped.keptBytes;
    lost += clipped.lostBytes;
    return clipped.value;
  };
  const isFull = (): boolean => kept + PER_ITEM_BYTES > limit;
  const walkItems = (items: readonly unknown[], depth: number): Json[] => {
    const result: Json[] = [];
    for (const item of items) {
      if (isFull()) lost += roughSize(item);
      else result.push(walk(item, depth));
    }
    return result;
  };
  const walk = (item: unknown, depth: number): Json => {
    kept += PER_ITEM_BYTES;
    if (typeof item === 'string') return take(item, MAX_STRING_BYTES);
    if (typeof item === 'number') {
      kept += 20;
      return Number.isFinite(item) ? item : null;
    }
    if (typeof item === 'boolean') return item;
    if (typeof item !== 'object' || item === null) return null;
    if (depth >= MAX_DEPTH) {
      lost += roughSize(item);
      return null;
    }
    if (Array.isArray(item)) return walkItems(item, depth + 1);
    const entries: [string, Json][] = [];
    for (const [key, entry] of Object.entries(item)) {
      if (isFull()) lost += roughSize(entry);
      else entries.push([take(key, MAX_KEY_BYTES), walk(entry, depth + 1)]);
    }
    return Object.fromEntries(entries);
  };
  const result = walk(value, 0);
  return { value: result, lostBytes: lost, keptBytes: kept };
};

/** About the bytes of a value, without recursion: its nesting may have any depth. */
const roughSize = (value: unknown): number => {
  const open: unknown[] = [value];
  let size = 0;
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    size += typeof item === 'string' ? Buffer.byteLength(item) : PER_ITEM_BYTES;
    if (typeof item === 'object' && item !== null) for (const part of Object.values(item)) open.push(part ?? 0);
  }
  return size;
};
