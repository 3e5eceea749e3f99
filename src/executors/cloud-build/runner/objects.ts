/** The runner's few calls to Cloud Storage, with the token of the build's own account. */
import { openAsBlob } from 'node:fs';
import type { JobFile } from './job-file.ts';
import type { PlaceSecrets } from './secrets.ts';

const TRIES = 6;
const FIRST_WAIT_MS = 250;

interface Token {
  readonly value: string;
  readonly until: number;
}

export interface RunnerObjects {
  /** Writes an object that does not exist yet; false when it does. */
  put(name: string, content: string | { readonly file: string }): Promise<boolean>;
  /** The object's text; null when there is none. */
  get(name: string): Promise<string | null>;
}

export const createRunnerObjects = (
  job: Pick<JobFile, 'storageRoot' | 'bucket'>,
  { results }: PlaceSecrets,
): RunnerObjects => {
  let token: Token | null = null;

  const authorization = async (): Promise<string> => {
    if (token === null || Date.now() > token.until) token = await fetchToken();
    return `Bearer ${token.value}`;
  };

  /** Repeats what may succeed later; gives the answer that will not change. */
  const send = async (url: string, init: () => Promise<RequestInit>): Promise<Response> => {
    for (let tries = 1; ; tries += 1) {
      const response = await attempt(url, init).catch((error: unknown) => String(error));
      const status = typeof response === 'string' ? 0 : response.status;
      if (typeof response !== 'string' && status !== 401 && status !== 408 && status !== 429 && status < 500)
        return response;
      if (status === 401) token = null;
      if (tries === TRIES)
        throw new Error(`Cloud Storage: ${typeof response === 'string' ? response : `HTTP ${status}`}`);
      const wait = FIRST_WAIT_MS * 2 ** tries * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  };

  const attempt = async (url: string, init: () => Promise<RequestInit>): Promise<Response> =>
    fetch(url, { ...(await init()), headers: { authorization: await authorization() } });

  return {
    put: async (name, content) => {
      const query = new URLSearchParams({ uploadType: 'media', ifGenerationMatch: '0', name: `${results}${name}` });
      const response = await send(`${job.storageRoot}upload/storage/v1/b/${job.bucket}/o?${query}`, async () => ({
        method: 'POST',
        body: typeof content === 'string' ? content : await openAsBlob(content.file),
      }));
      await response.arrayBuffer();
      if (!response.ok && response.status !== 412)
        throw new Error(`Cloud Storage: HTTP ${response.status} for ${name}`);
      return response.ok;
    },
    get: async (name) => {
      const object = encodeURIComponent(`${results}${name}`);
      const response = await send(
        `${job.storageRoot}storage/v1/b/${job.bucket}/o/${object}?alt=media`,
        async () => ({}),
      );
      const text = await response.text();
      if (response.ok) return text;
      if (response.status === 404) return null;
      throw new Error(`Cloud Storage: HTTP ${response.status} for ${name}`);
    },
  };
};

const fetchToken = async (): Promise<Token> => {
  const host = process.env.GCE_METADATA_HOST ?? 'metadata.google.internal';
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  const response = await fetch(url, { headers: { 'metadata-flavor': 'Google' } });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) throw new Error('no access token');
  const seconds = 'expires_in' in answer ? Number(answer.expires_in) : 0;
  return { value: String(answer.access_token), until: Date.now() + (seconds - 60) * 1_000 };
};
