/** The objects of all buckets. Bytes are in files; what is known of them is in memory. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ApiError } from './api-error.ts';

export interface StoredObject {
  readonly bucket: string;
  readonly name: string;
  readonly generation: number;
  readonly size: number;
  readonly contentType: string;
  readonly updatedAt: number;
  readonly md5: string;
  readonly file: string;
}

/** What must hold for a write or a deletion; 0 = there is no such object. */
export interface Precondition {
  readonly ifGenerationMatch?: number;
}

export interface Objects {
  get(bucket: string, name: string): StoredObject | null;
  put(
    bucket: string,
    name: string,
    content: AsyncIterable<Uint8Array>,
    contentType: string,
    condition?: Precondition,
  ): Promise<StoredObject>;
  /** Adds bytes at the end, as a new generation: how a log grows. */
  append(bucket: string, name: string, text: string): Promise<void>;
  remove(bucket: string, name: string, condition?: Precondition): Promise<boolean>;
  /** In the order of their names, as bytes. */
  list(bucket: string, prefix: string): readonly StoredObject[];
  read(object: StoredObject, start: number, end: number): AsyncIterable<Uint8Array>;
}

/** @param dir directory for the bytes; exists */
export const createObjects = (dir: string): Objects => {
  const known = new Map<string, StoredObject>();
  let generation = 1_700_000_000_000_000;
  const keyOf = (bucket: string, name: string): string => `${bucket}/${name}`;
  const get = (bucket: string, name: string): StoredObject | null => known.get(keyOf(bucket, name)) ?? null;
  const require = (found: StoredObject | null, condition: Precondition = {}): void => {
    const { ifGenerationMatch } = condition;
    if (ifGenerationMatch === undefined || ifGenerationMatch === (found?.generation ?? 0)) return;
    throw new ApiError(412, 'FAILED_PRECONDITION', 'At least one of the pre-conditions you specified did not hold.');
  };

  return {
    get,
    put: async (bucket, name, content, contentType, condition) => {
      require(get(bucket, name), condition);
      const file = join(dir, randomUUID());
      const hash = createHash('md5');
      let size = 0;
      const counted = async function* () {
        for await (const bytes of content) {
          hash.update(bytes);
          size += bytes.length;
          yield bytes;
        }
      };
      await pipeline(counted(), createWriteStream(file));
      // Looked at again: another one may have been faster, and its bytes are the object then.
      require(get(bucket, name), condition);
      generation += 1;
      const object = {
        bucket,
        name,
        generation,
        size,
        contentType,
        updatedAt: Date.now(),
        md5: hash.digest('base64'),
        file,
      };
      known.set(keyOf(bucket, name), object);
      return object;
    },
    append: async (bucket, name, text) => {
      const bytes = Buffer.from(text);
      const former = get(bucket, name);
      const file = former?.file ?? join(dir, randomUUID());
      await appendFile(file, bytes);
      generation += 1;
      const size = (former?.size ?? 0) + bytes.length;
      const rest = { generation, size, contentType: 'text/plain', updatedAt: Date.now(), md5: '', file };
      known.set(keyOf(bucket, name), { bucket, name, ...rest });
    },
    remove: async (bucket, name, condition) => {
      const found = get(bucket, name);
      require(found, condition);
      if (found === null) return false;
      known.delete(keyOf(bucket, name));
      await rm(found.file, { force: true });
      return true;
    },
    list: (bucket, prefix) =>
      [...known.values()]
        .filter((object) => object.bucket === bucket && object.name.startsWith(prefix))
        .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))),
    read: (object, start, end) => (end < start ? nothing() : createReadStream(object.file, { start, end })),
  };
};

async function* nothing(): AsyncGenerator<Uint8Array> {}
