/** Operations on the caller's own API keys. */
import { KeyCreate } from './key-schemas.ts';
import { operation } from './operations.ts';

const tag = 'Keys';

export const keyOperations = {
  createKey: operation({
    id: 'createKey',
    method: 'post',
    path: '/keys',
    tag,
    summary: 'Make an API key',
    description:
      'The secret is in this answer and nowhere else, so the answer is not kept for repetitions: an `Idempotency-Key` is refused. When the answer is lost, revoke the key that the list shows and make another. Where `SLIPWAY_AUTH=none` asks nobody for a key, none is made: `forbidden`.',
    body: KeyCreate,
    bodyName: 'KeyCreate',
    examples: { laptop: { name: 'laptop' } },
    answers: { 201: { description: 'The key, and its secret this once.', schema: 'KeyCreated' } },
  }),
  listKeys: operation({
    id: 'listKeys',
    method: 'get',
    path: '/keys',
    tag,
    summary: 'List my API keys',
    description: 'Newest first, the revoked ones included.',
    answers: { 200: { description: 'The keys, without their secrets.', schema: 'KeyList' } },
  }),
  revokeKey: operation({
    id: 'revokeKey',
    method: 'delete',
    path: '/keys/{keyId}',
    tag,
    summary: 'Revoke one of my API keys',
    description: 'It is worthless at once, also when it is the one that this request was made with. Idempotent.',
    answers: { 204: { description: 'It is revoked.' } },
    refusals: ['not_found'],
  }),
};
