/** The calls to Cloud Build and Cloud Storage, each repeated with growing, jittered waits while that may help. */
import { Readable } from 'node:stream';
import { cloudbuild } from '@googleapis/cloudbuild';
import { auth as google, storage } from '@googleapis/storage';
import type { DomainError } from '../../core/errors.ts';
import { MOST_TRIES, nextTryMs } from '../../core/repeating.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { explain, isPassing, type Need, statusOf } from './failures.ts';
import type { Build } from './translate.ts';

export interface GoogleOptions {
  readonly project: string;
  readonly region: string;
  readonly bucket: string;
  /** Addresses of emulators, ending with a slash; null = Google's own. No credentials are sent to an emulator. */
  readonly cloudBuildRoot: string | null;
  readonly storageRoot: string | null;
  /** Who calls, for hints of what to grant to whom. */
  readonly account: () => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
}

export interface BuildPage {
  readonly builds: readonly Build[];
  readonly next: string | null;
}

/** What the executor asks of Google. Every method throws a `DomainError` that says what to do. */
export interface Google {
  readonly storageRoot: string;
  /** Null when there is no such object, or no byte from `start` on. */
  read(name: string, start?: number, end?: number): Promise<Buffer | null>;
  /** The same, streamed. */
  stream(name: string, start: number, end?: number): Promise<AsyncIterable<Uint8Array> | null>;
  /** Writes an object that does not exist yet; false when it does. */
  putOnce(name: string, content: Uint8Array): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Names of all objects that begin so. */
  list(prefix: string): AsyncIterable<string>;
  /** Not repeated: a build may have been created although the answer says nothing of it. Throws what the client threw. */
  create(build: Build): Promise<string>;
  /** What it means that `create` failed so. */
  explainCreate(error: unknown): Promise<DomainError>;
  /** Builds, the newest first. */
  page(filter: string, token: string | null): Promise<BuildPage>;
  get(id: string): Promise<Build | null>;
  /** A build that is over already is left as it is. */
  cancel(id: string): Promise<void>;
}

export const STORAGE_ROOT = 'https://storage.googleapis.com/';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const CALL_TIMEOUT_MS = 30_000;
const PAGE = 100;

export const createGoogle = (options: GoogleOptions): Google => {
  const { project, region, bucket, clock, random } = options;
  const parent = `projects/${project}/locations/${region}`;
  const storageRoot = options.storageRoot ?? STORAGE_ROOT;
  const auth = new google.GoogleAuth({ scopes: [SCOPE] });
  const withAuth = (root: string | null) => (root === null ? { auth } : { rootUrl: root });
  const builds = cloudbuild({ version: 'v1', ...withAuth(options.cloudBuildRoot) }).projects.locations.builds;
  const { objects } = storage({ version: 'v1', ...withAuth(options.storageRoot) });
  const call = { retry: false, timeout: CALL_TIMEOUT_MS };
  const onObjects: Need = { what: 'use the bucket', role: 'roles/storage.objectUser', on: `bucket ${bucket}` };
  const toBuilds = (what: string): Need => ({
    what,
    role: 'roles/cloudbuild.builds.editor (and roles/iam.serviceAccountUser on the runner account)',
    on: `project ${project}`,
  });
  const onBuilds = toBuilds('manage builds');

  /** `none` are the statuses that mean "there is none": the result is null then. */
  const repeat = async <Result>(
    need: Need,
    none: readonly number[],
    act: () => Promise<Result>,
  ): Promise<Result | null> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await act();
      } catch (error) {
        const status = statusOf(error);
        if (status !== null && none.includes(status)) return null;
        if (!isPassing(error) || tries === MOST_TRIES) throw explain(error, need, await options.account());
        await clock.sleep(nextTryMs(tries, random.float()));
      }
    }
  };
  const rangeOf = (start: number, end?: number) =>
    start === 0 && end === undefined ? {} : { headers: { Range: `bytes=${start}-${end ?? ''}` } };
  const NOTHING = [404, 416];

  return {
    storageRoot,
    read: (object, start = 0, end) =>
      repeat(onObjects, NOTHING, async () => {
        const rest = { ...call, ...rangeOf(start, end), responseType: 'arraybuffer' as const };
        const { data } = await objects.get({ bucket, object, alt: 'media' }, rest);
        return bytesOf(data);
      }),
    stream: (object, start, end) =>
      repeat(onObjects, NOTHING, async () => {
        const rest = { retry: false, ...rangeOf(start, end), responseType: 'stream' as const };
        const { data } = await objects.get({ bucket, object, alt: 'media' }, rest);
        return data;
      }),
    putOnce: async (name, content) => {
      const done = await repeat(onObjects, [412], async () => {
        // The client takes no notice of its own `rootUrl` for uploads, only of the call's.
        const rest = { retry: false, rootUrl: storageRoot };
        const media = { mimeType: 'application/octet-stream', body: Readable.from([content]) };
        await objects.insert({ bucket, ifGenerationMatch: '0', requestBody: { name }, media }, rest);
        return true;
      });
      return done ?? false;
    },
    remove: async (object) => {
      await repeat(onObjects, [404], () => objects.delete({ bucket, object }, call));
    },
    list: async function* (prefix) {
      let pageToken: string | undefined;
      do {
        const query = { bucket, prefix, ...(pageToken === undefined ? {} : { pageToken }) };
        const page = await repeat(onObjects, [], () => objects.list(query, call));
        for (const { name } of page?.data.items ?? []) if (typeof name === 'string') yield name;
        pageToken = page?.data.nextPageToken ?? undefined;
      } while (pageToken !== undefined);
    },
    create: async (build) => {
      const { data } = await builds.create({ parent, requestBody: build }, call);
      const id: unknown = data.metadata?.build?.id;
      if (typeof id !== 'string') throw new Error('Cloud Build answered without the id of the build.');
      return id;
    },
    explainCreate: async (error) => explain(error, toBuilds('create a build'), await options.account()),
    page: async (filter, token) => {
      const query = { parent, filter, pageSize: PAGE, ...(token === null ? {} : { pageToken: token }) };
      const page = await repeat(onBuilds, [], () => builds.list(query, call));
      return { builds: page?.data.builds ?? [], next: page?.data.nextPageToken ?? null };
    },
    get: async (id) => {
      const found = await repeat(onBuilds, [404], () => builds.get({ name: `${parent}/builds/${id}` }, call));
      return found?.data ?? null;
    },
    cancel: async (id) => {
      const name = `${parent}/builds/${id}`;
      await repeat(onBuilds, [400, 404, 409], () => builds.cancel({ name, requestBody: {} }, call));
    },
  };
};

/** With `arraybuffer`, whatever the client's types say. */
const bytesOf = (data: unknown): Buffer => {
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  if (data instanceof Uint8Array) return Buffer.from(data);
  throw new TypeError('Cloud Storage answered with something that is no bytes.');
};
