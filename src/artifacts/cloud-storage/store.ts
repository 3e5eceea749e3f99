/** Blobs as objects: `artifacts/<run>/<name>`. Both parts are ours; what an agent calls its files never names one here. */
import { auth, storage } from '@googleapis/storage';
import { isUuid, type RunId } from '../../core/ids.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { type Send, upload } from './resumable.ts';
import { createRepeat, isMissing } from './retry.ts';

export interface CloudArtifactsOptions {
  readonly bucket: string;
  /** Address of an emulator, ending with a slash; null = Google's own. No credentials are sent to an emulator. */
  readonly storageRoot: string | null;
  /** Who calls, for hints of what to grant to whom. */
  readonly account: () => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
}

const NAME = /^[a-z0-9._-]+$/;
const ROOT = 'https://storage.googleapis.com/';
const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';
const CALL = { retry: false };

export const createCloudStorageArtifacts = (options: CloudArtifactsOptions): ArtifactStore => {
  const { bucket, storageRoot } = options;
  const repeat = createRepeat(options);
  const google = storageRoot === null ? new auth.GoogleAuth({ scopes: [SCOPE] }) : null;
  const { objects } = storage({
    version: 'v1',
    ...(google === null ? { rootUrl: storageRoot ?? ROOT } : { auth: google }),
  });

  const send: Send = async ({ url, method, headers, body }) => {
    const authorization = google === null ? {} : { authorization: `Bearer ${await google.getAccessToken()}` };
    const content = typeof body === 'string' ? body : new Blob([Uint8Array.from(body)]);
    const response = await fetch(url, { method, headers: { ...headers, ...authorization }, body: content }).catch(
      (error: unknown) => {
        throw Object.assign(new Error('Cloud Storage cannot be reached.', { cause: error }), { name: 'FetchError' });
      },
    );
    await response.arrayBuffer();
    return { status: response.status, header: (name) => response.headers.get(name) };
  };
  const folder = (run: RunId): string => {
    if (!isUuid(run)) throw new TypeError(`Not a run id: ${JSON.stringify(run)}`);
    return `artifacts/${run}/`;
  };
  const object = (run: RunId, name: string): string => {
    if (!NAME.test(name) || name.startsWith('.')) throw new TypeError(`Not a blob name: ${JSON.stringify(name)}`);
    return `${folder(run)}${name}`;
  };

  return {
    put: async (run, name, content) => {
      const query = new URLSearchParams({ uploadType: 'resumable', name: object(run, name) });
      const address = `${storageRoot ?? ROOT}upload/storage/v1/b/${bucket}/o?${query}`;
      return upload(send, repeat, address, content);
    },
    get: async (run, name) => {
      const found = await repeat(() => objects.get({ bucket, object: object(run, name) }, CALL)).catch(
        (error: unknown) => {
          if (isMissing(error)) return null;
          throw error;
        },
      );
      if (found === null) return null;
      const size = Number(found.data.size ?? 0);
      const { generation } = found.data;
      return {
        size,
        read: async function* (start = 0) {
          if (start >= size) return;
          // The version whose size was told, also when another one has taken its place.
          const version = typeof generation === 'string' ? { generation } : {};
          const query = { bucket, object: object(run, name), alt: 'media', ...version };
          const rest = { ...CALL, responseType: 'stream' as const, headers: { Range: `bytes=${start}-` } };
          const { data } = await repeat(() => objects.get(query, rest));
          yield* data;
        },
      };
    },
    remove: async (run) => {
      for (;;) {
        const page = await repeat(() => objects.list({ bucket, prefix: folder(run) }, CALL));
        const names = (page.data.items ?? []).flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
        for (const name of names) {
          await repeat(() => objects.delete({ bucket, object: name }, CALL)).catch((error: unknown) => {
            if (!isMissing(error)) throw error;
          });
        }
        if (page.data.nextPageToken === undefined || page.data.nextPageToken === null) return;
      }
    },
  };
};
