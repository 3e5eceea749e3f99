/** One call to a Google API, or to an address of ours: bounded in time, and never a throw. */

/** What came back; `status` 0 when nothing did, `problem` then says why. */
export interface Answer {
  readonly status: number;
  /** Parsed, where it was JSON; the text otherwise. */
  readonly body: unknown;
  readonly problem: string | null;
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly json?: unknown;
  readonly text?: string;
  /** Without a token: an address that everybody can reach. */
  readonly anonymous?: boolean;
}

export type Call = (url: string, options?: CallOptions) => Promise<Answer>;

/** Longest wait for one answer, in milliseconds. */
export const CALL_TIMEOUT_MS = 10_000;
/** More than any answer that is looked at here has; the rest is not read. */
const MOST_BYTES = 4_194_304;
const LOOPBACK = /^https?:\/\/(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])[:/]/;
/** What emulators take; nothing of value is ever sent to one. */
const EMULATOR_TOKEN = 'owner';

/** `token` gives an access token; it may throw. */
export const createCall =
  (token: () => Promise<string>, timeoutMs = CALL_TIMEOUT_MS): Call =>
  async (url, { method = 'GET', json, text, anonymous = false } = {}) => {
    try {
      const bearer = anonymous ? null : LOOPBACK.test(url) ? EMULATOR_TOKEN : await token();
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(json === undefined ? (text === undefined ? {} : { body: text }) : { body: JSON.stringify(json) }),
      });
      return { status: response.status, body: parsed(await textOf(response)), problem: null };
    } catch (error) {
      return { status: 0, body: null, problem: reasonOf(error, timeoutMs) };
    }
  };

const textOf = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length > MOST_BYTES) break;
  }
  return text;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const reasonOf = (error: unknown, timeoutMs: number): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} s`;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};

/** `value.a.b`, or undefined; a number takes an element of a list. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.entries(here).find(([name]) => name === String(step))?.[1];
  }
  return here;
};

export const listAt = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

export const textsAt = (value: unknown, ...path: readonly (string | number)[]): readonly string[] =>
  listAt(value, ...path).filter((one) => typeof one === 'string');
