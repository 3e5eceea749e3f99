/** Idempotency keys: the first answer to a request that creates something is the answer to its repetitions. */
import { canonicalJson } from '../api/clean-json.ts';
import { refuse } from '../api/faults.ts';
import { DomainError, isDomainError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { Engine } from '../engine/deps.ts';
import type { Once } from '../engine/submit-run.ts';
import type { IdempotencyRecord } from '../ports/idempotency-store.ts';
import { userOf } from './bind.ts';
import type { HttpContext } from './context.ts';

export type Answer = IdempotencyRecord['answer'];

/** Header of an answer that was given before. */
export const REPLAYED = 'idempotency-replayed';
const KEPT_MS = 24 * 60 * 60 * 1_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Creates something and answers, or gives the answer that the same request was given before. */
export type AnswerOnce = <Created>(
  call: { readonly c: HttpContext; readonly json: Json },
  create: (once?: Once<Created>) => Promise<Created>,
  answer: (created: Created) => Answer,
  /** Makes the response of what was answered first; left out, it is sent as it is. */
  respond?: (answer: Answer) => Response | Promise<Response>,
) => Promise<Response>;

const keyOf = (c: HttpContext): string | null => {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return null;
  if (KEY.test(key)) return key;
  throw refuse('header', [{ pointer: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }]);
};

const send = (answer: Answer): Response =>
  new Response(answer.body, { status: answer.status, headers: answer.headers });

const firstAnswer = (record: IdempotencyRecord, fingerprint: string): Answer => {
  if (record.fingerprint !== fingerprint) {
    throw new DomainError('idempotency_mismatch', 'This Idempotency-Key was used for another request.', {
      hint: 'Nothing was created. Use a new key for a new request; a repetition must be the same in method, path and body.',
    });
  }
  return { ...record.answer, headers: { ...record.answer.headers, [REPLAYED]: 'true' } };
};

const inFlight = (): DomainError =>
  new DomainError('idempotency_in_flight', 'The first request with this Idempotency-Key is still being answered.', {
    hint: 'Send the same request again in a second; it will get the first answer.',
    retryAfterSeconds: 1,
  });

/** Makes the function that answers once. */
export const createAnswerOnce = (engine: Engine): AnswerOnce => {
  const beingAnswered = new Set<string>();

  const answered: <Created>(
    call: Parameters<AnswerOnce>[0],
    create: (once?: Once<Created>) => Promise<Created>,
    answer: (created: Created) => Answer,
  ) => Promise<Answer> = async (call, create, answer) => {
    const key = keyOf(call.c);
    if (key === null) return answer(await create());
    const userId = userOf(call.c);
    const fingerprint = engine.sha256(`${call.c.req.method} ${call.c.req.path}\n${canonicalJson(call.json)}`);
    const slot = `${userId}\n${key}`;
    if (beingAnswered.has(slot)) throw inFlight();
    beingAnswered.add(slot);
    try {
      const now = engine.clock.now();
      const known = await engine.stores.idempotency.find(userId, key, now);
      if (known !== null) return firstAnswer(known, fingerprint);
      let kept: Answer | null = null;
      const created = await create((fresh) => {
        kept = answer(fresh);
        return { userId, key, fingerprint, answer: kept, expiresAt: now + KEPT_MS };
      });
      return kept ?? answer(created);
    } catch (error) {
      if (!isDomainError(error, 'idempotency_in_flight')) throw error;
      // Another process was quicker: what it committed is the first answer.
      const winner = await engine.stores.idempotency.find(userId, key, engine.clock.now());
      if (winner === null) throw inFlight();
      return firstAnswer(winner, fingerprint);
    } finally {
      beingAnswered.delete(slot);
    }
  };

  return async (call, create, answer, respond = send) => respond(await answered(call, create, answer));
};

/** A JSON answer that can be kept. */
export const jsonAnswer = (status: number, body: object, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
