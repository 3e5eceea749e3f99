/** A thin HTTP client: JSON in, JSON out, problem documents as errors. */

export interface ClientOptions {
  readonly url: string;
  /** API key; null where the server asks for none. */
  readonly key: string | null;
  /** Whether requests outlive the page that makes them; a browser lets no more than 64 KiB of bodies do so. */
  readonly keepalive?: boolean;
}

/** What the server said when it refused: the problem document (RFC 9457). */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  readonly faults: readonly { readonly pointer: string; readonly message: string }[];

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.name = 'ProblemError';
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.hint = problem.hint ?? null;
    this.faults = problem.errors ?? [];
  }
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly hint?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** The server could not be reached. */
export class UnreachableError extends Error {
  constructor(url: string, cause: unknown) {
    super(`No server answers at ${url}.`, { cause });
    this.name = 'UnreachableError';
  }
}

/** What a header can carry: printable ASCII. A key with anything else, such as a line break, is no key. */
const CARRIED = /^[\x21-\x7e]*$/;

const UNSENDABLE: Problem = {
  code: 'unauthenticated',
  detail: 'The API key holds a character that no key has, such as a line break.',
  hint: 'Copy the key again, whole and alone.',
};

const headersOf = (options: ClientOptions, body: boolean, more: Record<string, string>): Record<string, string> => ({
  accept: 'application/json',
  ...(body ? { 'content-type': 'application/json' } : {}),
  ...(options.key === null ? {} : { authorization: `Bearer ${options.key}` }),
  ...more,
});

/** Sends a request; throws ProblemError for a refusal and UnreachableError when nobody answers. */
export const send = async (
  options: ClientOptions,
  method: string,
  path: string,
  body?: unknown,
  more: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal } = {},
): Promise<Response> => {
  if (options.key !== null && !CARRIED.test(options.key)) throw new ProblemError(401, UNSENDABLE);
  const init: RequestInit = {
    method,
    ...(options.keepalive === true ? { keepalive: true } : {}),
    headers: headersOf(options, body !== undefined, more.headers ?? {}),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(more.signal === undefined ? {} : { signal: more.signal }),
  };
  const response = await fetch(new URL(path, options.url), init).catch((error: unknown) => {
    if (more.signal?.aborted === true) throw error;
    throw new UnreachableError(options.url, error);
  });
  if (response.ok) return response;
  throw new ProblemError(response.status, await problemOf(response));
};

/** The same, with the answer's JSON; its form is the contract's, which the caller names. */
export const sendJson = async <Body>(
  options: ClientOptions,
  method: string,
  path: string,
  body?: unknown,
): Promise<Body> => {
  const response = await send(options, method, path, body);
  return (await response.json()) as Body;
};

const problemOf = async (response: Response): Promise<Problem> => {
  try {
    const problem: unknown = await response.json();
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    return {};
  }
};
