/** Cloud Storage's JSON API, as far as the official client, our runner and our executor use it. */
import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import { type Call, parseObject, type Route, readAll, sendJson, textAt } from './http.ts';
import { readMultipart } from './multipart.ts';
import type { Objects, Precondition, StoredObject } from './objects.ts';

interface Session {
  readonly bucket: string;
  readonly name: string;
  readonly contentType: string;
  readonly condition: Precondition;
  received: Buffer;
  done: StoredObject | null;
}

const MAX_PAGE = 1_000;

export const createStorageApi = (objects: Objects, buckets: ReadonlySet<string>): Route => {
  const sessions = new Map<string, Session>();

  const requireBucket = (name: string): void => {
    if (!buckets.has(name)) throw notFound('The specified bucket does not exist.');
  };

  const insert = async (call: Call, bucket: string): Promise<true> => {
    const { query, request, response } = call;
    const type = query.get('uploadType');
    const condition = conditionOf(query);
    if (type === 'media') {
      const name = query.get('name') ?? '';
      if (name === '') throw invalidArgument('Required parameter: name');
      return sendJson(response, resourceOf(await objects.put(bucket, name, request, contentTypeOf(call), condition)));
    }
    if (type === 'multipart') {
      const { metadata, contentType, content } = await readMultipart(request);
      const name = textAt(metadata, 'name') ?? query.get('name') ?? '';
      if (name === '') throw invalidArgument('Required parameter: name');
      return sendJson(response, resourceOf(await objects.put(bucket, name, content, contentType, condition)));
    }
    if (type !== 'resumable') throw invalidArgument(`Upload type ${type} is not supported.`);
    const metadata = parseObject((await readAll(request)).toString());
    const name = textAt(metadata, 'name') ?? query.get('name') ?? '';
    const id = randomUUID();
    const contentType = textAt(metadata, 'contentType') ?? 'application/octet-stream';
    sessions.set(id, { bucket, name, contentType, condition, received: Buffer.alloc(0), done: null });
    const location = `http://${request.headers.host}${call.path}?uploadType=resumable&upload_id=${id}`;
    response.writeHead(200, { location, 'x-guploader-uploadid': id }).end();
    return true;
  };

  /** One piece of a resumable upload, or the question how far it is. */
  const resume = async (call: Call, id: string): Promise<true> => {
    const session = sessions.get(id);
    if (session === undefined) throw notFound('No such upload session.');
    const { request, response } = call;
    if (request.method === 'DELETE') {
      sessions.delete(id);
      response.writeHead(499).end();
      return true;
    }
    if (session.done !== null) return sendJson(response, resourceOf(session.done));
    const bytes = await readAll(request);
    const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(request.headers['content-range'] ?? '');
    const start = range?.[1] === undefined ? session.received.length : Number(range[1]);
    if (start > session.received.length) throw new ApiError(503, 'UNAVAILABLE', 'A piece is missing.');
    session.received = Buffer.concat([session.received.subarray(0, start), bytes]);
    const total = range === null ? String(session.received.length) : (range[3] ?? '*');
    if (total === '*' || Number(total) > session.received.length) {
      const last = session.received.length - 1;
      response.writeHead(308, last < 0 ? {} : { range: `bytes=0-${last}` }).end();
      return true;
    }
    const { bucket, name, contentType, condition } = session;
    session.done = await objects.put(bucket, name, chunk(session.received), contentType, condition);
    return sendJson(response, resourceOf(session.done));
  };

  const list = (call: Call, bucket: string): true => {
    const { query, response } = call;
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter');
    const size = Math.min(Number(query.get('maxResults') ?? MAX_PAGE), MAX_PAGE);
    const after = query.get('pageToken') ?? '';
    const entries = new Map<string, StoredObject | null>();
    for (const object of objects.list(bucket, prefix)) {
      const cut = delimiter === null ? -1 : object.name.indexOf(delimiter, prefix.length);
      const key = cut < 0 ? object.name : object.name.slice(0, cut + (delimiter ?? '').length);
      if (key > after) entries.set(key, cut < 0 ? object : null);
    }
    const page = [...entries].slice(0, size);
    const items = page.flatMap(([, object]) => (object === null ? [] : [resourceOf(object)]));
    const prefixes = page.flatMap(([key, object]) => (object === null ? [key] : []));
    const more = entries.size > page.length ? { nextPageToken: page.at(-1)?.[0] } : {};
    return sendJson(response, {
      kind: 'storage#objects',
      ...(items.length === 0 ? {} : { items }),
      ...(prefixes.length === 0 ? {} : { prefixes }),
      ...more,
    });
  };

  const one = async (call: Call, bucket: string, name: string): Promise<boolean> => {
    if (call.method === 'DELETE') {
      if (!(await objects.remove(bucket, name, conditionOf(call.query)))) throw noObject(bucket, name);
      call.response.writeHead(204).end();
      return true;
    }
    if (call.method !== 'GET') return false;
    const object = objects.get(bucket, name);
    if (object === null) throw noObject(bucket, name);
    if (call.query.get('alt') !== 'media') return sendJson(call.response, resourceOf(object));
    await download(objects, call, object);
    return true;
  };

  return async (call) => {
    const upload = /^\/(?:resumable\/)?upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(call.path);
    if (upload !== null) {
      requireBucket(upload[1] ?? '');
      const id = call.query.get('upload_id');
      return id === null ? insert(call, upload[1] ?? '') : resume(call, id);
    }
    const found = /^\/(?:download\/)?storage\/v1\/b\/([^/]+)(\/o(?:\/([^/]+))?)?$/.exec(call.path);
    if (found === null) return false;
    const bucket = found[1] ?? '';
    requireBucket(bucket);
    if (found[3] !== undefined) return one(call, bucket, decodeURIComponent(found[3]));
    if (call.method !== 'GET') return false;
    if (found[2] !== undefined) return list(call, bucket);
    return sendJson(call.response, { kind: 'storage#bucket', id: bucket, name: bucket });
  };
};

const noObject = (bucket: string, name: string): ApiError => notFound(`No such object: ${bucket}/${name}`);

const conditionOf = (query: URLSearchParams): Precondition => {
  const value = query.get('ifGenerationMatch');
  return value === null ? {} : { ifGenerationMatch: Number(value) };
};

const contentTypeOf = (call: Call): string => call.request.headers['content-type'] ?? 'application/octet-stream';

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const resourceOf = (object: StoredObject) => ({
  kind: 'storage#object',
  id: `${object.bucket}/${object.name}/${object.generation}`,
  bucket: object.bucket,
  name: object.name,
  generation: String(object.generation),
  metageneration: '1',
  contentType: object.contentType,
  size: String(object.size),
  md5Hash: object.md5,
  timeCreated: new Date(object.updatedAt).toISOString(),
  updated: new Date(object.updatedAt).toISOString(),
});

const download = async (objects: Objects, call: Call, object: StoredObject): Promise<void> => {
  const { request, response } = call;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]), object.size - 1) : object.size - 1;
  if (range !== null && start >= object.size) {
    response.writeHead(416, { 'content-range': `bytes */${object.size}` }).end();
    return;
  }
  response.writeHead(range === null ? 200 : 206, {
    'content-type': object.contentType,
    'content-length': String(end - start + 1),
    'x-goog-generation': String(object.generation),
    'x-goog-stored-content-length': String(object.size),
    ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${object.size}` }),
  });
  await pipeline(objects.read(object, start, end), response).catch(() => undefined);
};
