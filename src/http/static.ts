/**
 * The dashboard's files, as its build left them. What stands in `assets/` has its content's hash in its name and never
 * changes; everything else is asked for again each time. An address that is no file is one of the dashboard's own pages.
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Hono } from 'hono';
import { HttpError } from '../api/errors.ts';
import type { HttpContext, HttpEnv } from './context.ts';

interface UiFile {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer> | null;
  readonly brotli: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
  readonly etag: string;
}

/** The files by their path below `/ui/`. */
export type Ui = ReadonlyMap<string, UiFile>;

const INDEX = 'index.html';
const HASHED = 'assets/';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing inline, nothing from another host, in no frame. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await readFile(path));

/** Reads the built dashboard into memory; null when it was not built. `sha256` gives hex. */
export const readUi = async (folder: string, sha256: (text: string) => string): Promise<Ui | null> => {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  if (!names.includes(INDEX)) return null;
  const known = new Set(names);
  const packed = (name: string): Promise<Uint8Array<ArrayBuffer> | null> =>
    known.has(name) ? read(join(folder, name)) : Promise.resolve(null);
  const files = names
    .filter((name) => TYPES[extname(name)] !== undefined)
    .map(async (name): Promise<[string, UiFile]> => {
      const plain = await read(join(folder, name));
      const type = TYPES[extname(name)] ?? '';
      const etag = `"${sha256(Buffer.from(plain).toString('latin1')).slice(0, 16)}"`;
      return [name, { plain, gzip: await packed(`${name}.gz`), brotli: await packed(`${name}.br`), type, etag }];
    });
  return new Map(await Promise.all(files));
};

/** The smallest form of a file that the client takes. */
const formOf = (file: UiFile, accepted: string): { bytes: Uint8Array<ArrayBuffer>; coding: string | null } => {
  const takes = (coding: string) =>
    accepted
      .toLowerCase()
      .split(',')
      .some((part) => part.trim().split(';')[0] === coding && !/;\s*q=0(\.0*)?\s*$/.test(part));
  if (file.brotli !== null && takes('br')) return { bytes: file.brotli, coding: 'br' };
  if (file.gzip !== null && takes('gzip')) return { bytes: file.gzip, coding: 'gzip' };
  return { bytes: file.plain, coding: null };
};

const send = (c: HttpContext, file: UiFile, hashed: boolean): Response => {
  const headers: Record<string, string> = {
    'content-security-policy': POLICY,
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    etag: file.etag,
  };
  if (c.req.header('if-none-match')?.includes(file.etag) === true) return c.body(null, 304, headers);
  const { bytes, coding } = formOf(file, c.req.header('accept-encoding') ?? '');
  return c.body(bytes, 200, {
    ...headers,
    'content-type': file.type,
    ...(coding === null ? {} : { 'content-encoding': coding }),
  });
};

/** Serves the dashboard under `/ui`. Its files hold nothing of any user's, so they need no key. */
export const addUi = (app: Hono<HttpEnv>, ui: Ui): void => {
  const serve = (c: HttpContext): Response => {
    c.set('route', '/ui');
    const name = c.req.path.replace(/^\/ui\/?/, '');
    const found = ui.get(name);
    if (found !== undefined) return send(c, found, name.startsWith(HASHED));
    const index = ui.get(INDEX);
    // A missing asset must not be answered with a page: it would be taken for a script.
    if (index === undefined || name.startsWith(HASHED)) {
      throw new HttpError('not_found', 'The dashboard has no such file.', { hint: 'Load /ui again.' });
    }
    return send(c, index, false);
  };
  app.get('/ui', serve);
  app.get('/ui/*', serve);
};
