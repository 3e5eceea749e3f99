/** `slipway keys`: made and revoked on the machine itself, by whoever may read its database. */
import { openInstallation } from '../app.ts';
import { environment, parseConfig } from '../config.ts';
import { DomainError } from '../core/errors.ts';
import { isUuid, type KeyId, type UserId } from '../core/ids.ts';
import type { Engine } from '../engine/deps.ts';
import { createKey, revokeKey } from '../engine/keys.ts';
import { createLogger } from '../system/logger.ts';
import { complain, safe, say, sayJson } from './print.ts';
import { sayTable } from './table.ts';

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

export const listKeysCommand = (user: string, options: { readonly json: boolean }): Promise<void> =>
  withEngine(async (engine) => {
    const keys = await engine.stores.keys.list(userId(user));
    if (options.json) {
      sayJson(keys.map(({ hash: _, ...key }) => key));
      return;
    }
    const rows = keys.map((key) => [
      key.id,
      `${key.prefix}…`,
      key.revokedAt === null ? 'valid' : `revoked ${new Date(key.revokedAt).toISOString()}`,
      key.name,
    ]);
    sayTable(
      ['ID', 'KEY', 'STATE', 'NAME'],
      rows,
      `User ${safe(user)} has no keys; --user names another one. \`slipway keys create\` makes one.`,
    );
  });

export const revokeKeyCommand = (user: string, id: string): Promise<void> =>
  withEngine(async (engine) => {
    if (!isUuid(id)) throw new DomainError('invalid_request', `"${id}" is not the id of a key.`);
    await revokeKey(engine, userId(user), id as KeyId);
    say(`Key ${id} is revoked.`);
  });
