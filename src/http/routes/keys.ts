/** /keys: a user's own ones. All users' keys are for whoever works on the machine itself, by `slipway keys`. */
import { encodeKey } from '../../api/encode-key.ts';
import { refuse } from '../../api/faults.ts';
import { keyOperations as operations } from '../../api/key-operations.ts';
import { DomainError } from '../../core/errors.ts';
import { createKey, revokeKey } from '../../engine/keys.ts';
import { type Bind, keyIdOf, userOf } from '../bind.ts';
import type { HttpContext } from '../context.ts';
import type { HttpOptions } from '../options.ts';

/** Whoever sends one relies on it; it cannot be honoured without storing the secret. */
const requireNoRepetition = (c: HttpContext): void => {
  if (c.req.header('idempotency-key') === undefined) return;
  const message = 'is not taken here: the answer holds a secret, which is not kept for repetitions';
  throw refuse('header', [{ pointer: 'Idempotency-Key', message }]);
};

/** Binds the operations on API keys. */
export const bindKeys = (bind: Bind, { engine, auth }: HttpOptions): void => {
  bind(operations.createKey, async ({ c, body }) => {
    requireNoRepetition(c);
    if (auth === 'none') {
      // Who may name any user here would else hold keys that outlive the day on which keys are asked for.
      throw new DomainError('forbidden', 'This server asks nobody for a key, so it makes none over HTTP.', {
        hint: 'Make keys with `slipway keys create` on the machine of the server, and set SLIPWAY_AUTH=api-key.',
      });
    }
    const { key, secret } = await createKey(engine, userOf(c), body.name);
    return c.json({ key: encodeKey(key), secret }, 201);
  });

  bind(operations.listKeys, async ({ c }) => {
    const keys = await engine.stores.keys.list(userOf(c));
    return c.json({ data: keys.map(encodeKey) });
  });

  bind(operations.revokeKey, async ({ c }) => {
    await revokeKey(engine, userOf(c), keyIdOf(c));
    return c.body(null, 204);
  });
};
