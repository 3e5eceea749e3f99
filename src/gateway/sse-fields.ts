/**
 * Server-sent events whose data is a JSON object each, read field by field as the bytes go by: no line and no event
 * is ever held, however long. Line breaks may be LF, CRLF or CR, and fall anywhere.
 */
import type { FieldScanner } from './field-scanner.ts';

export interface SseReader {
  push(bytes: Uint8Array): void;
  /** The stream has ended; an event without its empty line counts as well. */
  end(): void;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const DATA = Buffer.from('data');

/**
 * @param scanner is given the data of each event, and is reset after it
 * @param onEvent called when an event with data is complete
 */
export const createSseReader = (scanner: FieldScanner, onEvent: () => void): SseReader => {
  let column = 0;
  let isData = true;
  let inData = false;
  let hasData = false;
  let afterCr = false;

  const dispatch = (): void => {
    if (hasData) onEvent();
    hasData = false;
    scanner.reset();
  };

  const endLine = (): void => {
    if (column === 0) dispatch();
    column = 0;
    isData = true;
    inData = false;
  };

  /** Reads a byte of a line's field name; true when the data begins after it. */
  const inName = (byte: number): void => {
    if (!isData) return;
    if (column < DATA.length) isData = byte === DATA[column];
    else {
      isData = byte === COLON;
      inData = isData;
      if (inData) hasData = true;
    }
  };

  /** Gives the scanner the rest of a data line; returns where the line ends. */
  const readData = (bytes: Uint8Array, start: number): number => {
    let end = start;
    while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end += 1;
    scanner.push(bytes.subarray(start, end));
    return end;
  };

  return {
    push(bytes) {
      let index = 0;
      while (index < bytes.length) {
        const byte = bytes[index] ?? 0;
        if (byte === LF && afterCr) {
          afterCr = false;
          index += 1;
          continue;
        }
        afterCr = byte === CR;
        if (byte === LF || byte === CR) {
          endLine();
          index += 1;
        } else if (inData) index = readData(bytes, index);
        else {
          inName(byte);
          column += 1;
          index += 1;
        }
      }
    },
    end() {
      endLine();
      dispatch();
    },
  };
};
