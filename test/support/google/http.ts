/** What the parts of the emulator share of HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalidArgument } from './api-error.ts';

export interface Call {
  readonly method: string;
  /** Decoded where a part needs it, never before it was taken apart. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers the call, or says that it is not for it. */
export type Route = (call: Call) => Promise<boolean>;

export type JsonObject = { readonly [name: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const readAll = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
};

export const parseObject = (text: string): JsonObject => {
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw invalidArgument('Invalid JSON payload received.');
  }
  if (!isObject(value)) throw invalidArgument('Invalid JSON payload received. Not an object.');
  return value;
};

export const sendJson = (response: ServerResponse, value: unknown, status = 200): true => {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(value));
  return true;
};

export const textAt = (object: JsonObject, name: string): string | null => {
  const value = object[name];
  return typeof value === 'string' ? value : null;
};
