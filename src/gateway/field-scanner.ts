/**
 * Reads chosen fields of the object at the top of a JSON text while its bytes go by. It never holds the text: a field
 * that is larger than its cap is measured and dropped. Broken JSON ends the reading, never throws.
 */

/** A field's value as JSON text, and its length in bytes; `text` is null when it was larger than its cap. */
export interface ScannedField {
  readonly text: string | null;
  readonly bytes: number;
}

export interface FieldScanner {
  push(bytes: Uint8Array): void;
  /** The field as far as it was read to its end; the last one wins, as with `JSON.parse`. */
  field(name: string): ScannedField | null;
  /** The top object was closed, or the text is no JSON object: nothing more will be read. */
  ended(): boolean;
  /** Forgets everything, for the next text. */
  reset(): void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const LONGEST_KEY = 256;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Parses JSON of which nothing is known; null when it is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Collects the bytes of one value up to a cap. */
const createCapture = () => {
  let parts: Buffer[] = [];
  let bytes = 0;
  let cap = 0;
  return {
    begin(newCap: number): void {
      parts = [];
      bytes = 0;
      cap = newCap;
    },
    add(slice: Uint8Array): void {
      bytes += slice.length;
      if (bytes > cap) parts = [];
      else if (slice.length > 0) parts.push(Buffer.from(slice));
    },
    end: (): ScannedField => ({ text: bytes > cap ? null : Buffer.concat(parts).toString('utf8').trim(), bytes }),
  };
};

type Phase = 'start' | 'key' | 'inKey' | 'colon' | 'value' | 'end';

/** @param caps the fields to read, each with the most bytes that its value may have */
export const createFieldScanner = (caps: Readonly<Record<string, number>>): FieldScanner => {
  const fields = new Map<string, ScannedField>();
  const capture = createCapture();
  let phase: Phase = 'start';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let key: string | null = null;
  /** Where in the present bytes the captured value goes on; -1 when none is captured. */
  let from = -1;

  const endKey = (bytes: Uint8Array, index: number): void => {
    capture.add(bytes.subarray(from, index + 1));
    from = -1;
    const { text } = capture.end();
    const name = text === null ? null : parseJson(text);
    key = typeof name === 'string' && Object.hasOwn(caps, name) ? name : null;
    phase = 'colon';
  };

  const beginValue = (index: number): void => {
    phase = 'value';
    depth = 0;
    if (key === null) return;
    capture.begin(caps[key] ?? 0);
    from = index + 1;
  };

  const endValue = (bytes: Uint8Array, index: number, next: Phase): void => {
    phase = next;
    if (key === null) return;
    capture.add(bytes.subarray(from, index));
    from = -1;
    fields.set(key, capture.end());
    key = null;
  };

  const inValue = (bytes: Uint8Array, index: number, byte: number): void => {
    if (byte === QUOTE) inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (depth > 0) {
      if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    } else if (byte === COMMA) endValue(bytes, index, 'key');
    else if (byte === CLOSE_OBJECT) endValue(bytes, index, 'end');
  };

  const between = (index: number, byte: number): void => {
    if (isSpace(byte)) return;
    if (phase === 'start' && byte === OPEN_OBJECT) phase = 'key';
    else if (phase === 'key' && byte === QUOTE) {
      phase = 'inKey';
      inString = true;
      capture.begin(LONGEST_KEY);
      from = index;
    } else if (phase === 'colon' && byte === COLON) beginValue(index);
    else phase = 'end';
  };

  const step = (bytes: Uint8Array, index: number): void => {
    const byte = bytes[index] ?? 0;
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        inString = false;
        if (phase === 'inKey') endKey(bytes, index);
      }
    } else if (phase === 'value') inValue(bytes, index, byte);
    else between(index, byte);
  };

  return {
    push(bytes) {
      if (from >= 0) from = 0;
      for (let index = 0; index < bytes.length && phase !== 'end'; index += 1) step(bytes, index);
      if (from >= 0) capture.add(bytes.subarray(from));
    },
    field: (name) => fields.get(name) ?? null,
    ended: () => phase === 'end',
    reset() {
      fields.clear();
      phase = 'start';
      inString = false;
      escaped = false;
      key = null;
      from = -1;
    },
  };
};
