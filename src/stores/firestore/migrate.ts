/** The version of the documents' form, so that an older program never writes into a newer database. */
import { DomainError } from '../../core/errors.ts';
import { number } from './codec.ts';
import type { Connection } from './connection.ts';
import { write } from './transaction.ts';

const VERSION = 1;
export const SCHEMA_PATH = 'slipway/schema';

/** Notes the version in a new database; `store_unavailable` when the database is not for this program. */
export const migrate = (connection: Connection): Promise<void> =>
  write(connection, async () => {
    const stored = await connection.get(SCHEMA_PATH);
    if (stored === null) {
      return connection.commit([{ kind: 'create', path: SCHEMA_PATH, fields: { version: VERSION } }]);
    }
    const version = number(stored.fields, 'version');
    if (version === VERSION) return;
    throw new DomainError(
      'store_unavailable',
      `The database is of version ${version}; this Slipway knows ${VERSION}.`,
      {
        hint: 'It was left as it is. Use the Slipway that made it, or name another database.',
      },
    );
  });
