/** /keys: a user's own ones. All users' keys are for whoever works on the machine itself, by `slipway keys`. */
import { encodeKey } from '../../api/encode-key.ts';
import { keyOperations as operations } from '../../api/key-operations.ts';
import type { KeyId } from '../../core/ids.ts';
import { revokeKey } from '../../engine/keys.ts';
import { type Bind, requireId, userOf } from '../bind.ts';
import type { HttpOptions } from '../options.ts';

/** Binds the operations on keys. */
export const bindKeys = (bind: Bind, { engine }: HttpOptions): void => {
  bind(operations.listKeys, async ({ c }) => {
    const keys = await engine.stores.keys.list(userOf(c));
    return c.json({ data: keys.map(encodeKey) });
  });

  bind(operations.revokeKey, async ({ c }) => {
    const id = requireId(c.req.param('keyId') ?? '', 'key') as KeyId;
    await revokeKey(engine, userOf(c), id);
    return c.body(null, 204);
  });
};
