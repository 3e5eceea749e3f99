/**
 * What Google's services and our own builds call: no part of the API. Each call may be lost, repeated or overtaken by a
 * later one: it only says that it is time to look.
 */
import type { Hono } from 'hono';
import { HttpError } from '../../api/errors.ts';
import type { HttpContext, HttpEnv } from '../context.ts';
import type { HttpOptions } from '../options.ts';
import { readJson, readText } from '../read-body.ts';

/** What stands behind these endpoints; each is there only where it is used. */
export interface InternalOptions {
  /** Whether a token is that of the place: nobody else's output is even read. */
  readonly isPlace: (ref: string, token: string) => boolean;
  /** Output that a place posts: its reference, its token, its frames. */
  readonly output: (ref: string, token: string, text: string) => 'taken' | 'nobody' | 'refused';
  /** The status of some build has changed. */
  readonly buildChanged: () => void;
  readonly isInvoker: (token: string) => Promise<boolean>;
  /** Drives runs on for up to so many milliseconds. */
  readonly round: (ms: number) => Promise<{ readonly claimed: number; readonly active: number }>;
  readonly nudge: (ms: number) => Promise<void>;
}

/** Under the minute in which the next call comes. */
const ROUND_MS = 50_000;
/** Under the time after which Pub/Sub delivers again. */
const NUDGE_MS = 8_000;
const OUTPUT_BYTES = 8_388_608;
const EVENT_BYTES = 1_048_576;
const FINAL = new Set(['SUCCESS', 'FAILURE', 'INTERNAL_ERROR', 'TIMEOUT', 'CANCELLED', 'EXPIRED']);

const bearer = (c: HttpContext): string => /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';

const refused = (): HttpError =>
  new HttpError('unauthenticated', 'The token is not one that may call this address.', {
    hint: 'Cloud Scheduler and Pub/Sub have to sign with the account of SLIPWAY_INVOKER, for the audience SLIPWAY_PUBLIC_URL.',
    headers: { 'www-authenticate': 'Bearer realm="slipway-internal"' },
  });

export const addInternal = (app: Hono<HttpEnv>, { internal, logger }: HttpOptions): void => {
  if (internal === undefined) return;
  const requireInvoker = async (c: HttpContext): Promise<void> => {
    const token = bearer(c);
    // Where there is none, Google's keys need not be fetched to know it.
    if (token === '' || !(await internal.isInvoker(token))) throw refused();
  };

  app.post('/internal/output/:runId/:attempt', async (c) => {
    c.set('route', '/internal/output/{runId}/{attempt}');
    const ref = `${c.req.param('runId')}/${c.req.param('attempt')}`;
    if (!internal.isPlace(ref, bearer(c))) throw refused();
    const taken = internal.output(ref, bearer(c), await readText(c.req.raw, OUTPUT_BYTES));
    if (taken === 'refused') throw refused();
    return c.json({ taken: taken === 'taken' });
  });

  app.post('/internal/reconcile', async (c) => {
    c.set('route', '/internal/reconcile');
    await requireInvoker(c);
    return c.json(await internal.round(ROUND_MS));
  });

  app.post('/internal/build-events', async (c) => {
    c.set('route', '/internal/build-events');
    await requireInvoker(c);
    const status = statusIn(await readJson(c.req.raw, EVENT_BYTES));
    // Acknowledged also when it cannot be read: it would only come again.
    if (status === null) logger.warn({}, 'a message about a build could not be read');
    internal.buildChanged();
    if (status !== null && FINAL.has(status)) await internal.nudge(NUDGE_MS);
    return c.body(null, 204);
  });
};

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;

/** `message.attributes.status` of a push message. */
const statusIn = (body: unknown): string | null => {
  const status = fieldOf(fieldOf(fieldOf(body, 'message'), 'attributes'), 'status');
  return typeof status === 'string' ? status : null;
};
