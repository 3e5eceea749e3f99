/** Operations on the caller's own API keys. */
import { operation } from './operations.ts';

const tag = 'Keys';

export const keyOperations = {
  listKeys: operation({
    id: 'listKeys',
    method: 'get',
    path: '/keys',
    tag,
    summary: 'List my API keys',
    description: 'Newest first, the revoked ones included. Keys are made with `slipway keys create`.',
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
