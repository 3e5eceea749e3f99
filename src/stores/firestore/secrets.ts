/** Secrets of the installation, made at their first use. */
import { bytes } from './codec.ts';
import type { Connection } from './connection.ts';
import { write } from './transaction.ts';

const LENGTH = 32;

export const createSecrets = (connection: Connection) => {
  const pathOf = (name: string): string => `secrets/${encodeURIComponent(name)}`;
  return async (name: string): Promise<Uint8Array> =>
    write(connection, async () => {
      const stored = await connection.get(pathOf(name));
      if (stored !== null) return bytes(stored.fields, 'value');
      const value = connection.random.bytes(LENGTH);
      await connection.commit([{ kind: 'create', path: pathOf(name), fields: { value } }]);
      return new Uint8Array(value);
    });
};
