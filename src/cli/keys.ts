/**
 * `slipway keys`. On the machine itself they are the keys of all users, for whoever may read its database. On a server
 * that is named by its address they are the caller's own, over its API.
 */
import { encodeKey } from '../api/encode-key.ts';
import type { KeyView } from '../api/key-schemas.ts';
import { openInstallation } from '../app.ts';
import type { SlipwayClient } from '../client/client.ts';
import { environment, parseConfig } from '../config.ts';
import { DomainError } from '../core/errors.ts';
import { isUuid, type KeyId, type UserId } from '../core/ids.ts';
import type { Engine } from '../engine/deps.ts';
import { createKey, revokeAnyKey } from '../engine/keys.ts';
import { createLogger } from '../system/logger.ts';
import { UsageError } from './explain.ts';
import { complain, safe, say, sayJson } from './print.ts';
import { sayTable } from './table.ts';
import { ago } from './times.ts';

const withEngine = async <Result>(use: (engine: Engine) => Promise<Result>): Promise<Result> => {
  const config = parseConfig(environment());
  const installation = await openInstallation(
    config,
    createLogger('silent', () => undefined),
  );
  try {
    return await use(installation.engine);
  } finally {
    await installation.close();
  }
};

const userId = (text: string): UserId => text as UserId;

export const createKeyCommand = (user: string, name: string): Promise<void> =>
  withEngine(async (engine) => {
    const { key, secret } = await createKey(engine, userId(user), name);
    say(secret);
    complain(`Key ${key.id} for ${safe(user)}. The secret above is shown this once; only its hash is kept.`);
  });

/** `user` null lists the keys of all users. */
const keysHere = (user: string | null): Promise<readonly KeyView[]> =>
  withEngine(async ({ stores }) =>
    (await (user === null ? stores.keys.listAll() : stores.keys.list(userId(user)))).map(encodeKey),
  );

/** `server` null: the keys of this machine's own database. */
export const listKeysCommand = async (
  server: SlipwayClient | null,
  options: { readonly user?: string; readonly json: boolean },
): Promise<void> => {
  if (server !== null && options.user !== undefined) {
    throw new UsageError(
      '--user is for the machine of the server itself.',
      'Over its API a server lists your own keys.',
    );
  }
  const keys = server === null ? await keysHere(options.user ?? null) : await server.listKeys();
  if (options.json) {
    sayJson(keys);
    return;
  }
  const now = Date.now();
  const rows = keys.map((key) => [
    key.id,
    key.userId,
    `${key.prefix}…`,
    key.revokedAt === undefined ? 'valid' : `revoked ${ago(key.revokedAt, now)}`,
    ago(key.createdAt, now),
    key.lastUsedAt === undefined ? 'never' : ago(key.lastUsedAt, now),
    key.name,
  ]);
  const whose = options.user === undefined ? 'There are no keys.' : `User ${safe(options.user)} has no keys.`;
  sayTable(
    ['ID', 'USER', 'KEY', 'STATE', 'CREATED', 'LAST USED', 'NAME'],
    rows,
    `${whose} \`slipway keys create\` makes one.`,
  );
};

export const revokeKeyCommand = async (server: SlipwayClient | null, id: string): Promise<void> => {
  if (!isUuid(id)) throw new DomainError('invalid_request', `"${id}" is not the id of a key.`);
  if (server === null) {
    const key = await withEngine((engine) => revokeAnyKey(engine, id as KeyId));
    say(`Key ${id} of ${safe(key.userId)} is revoked.`);
    return;
  }
  await server.revokeKey(id);
  say(`Key ${id} is revoked.`);
};
