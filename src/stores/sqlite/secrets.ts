/** Secrets of the installation, made at their first use. */
import { randomBytes } from 'node:crypto';
import { bytes } from './codec.ts';
import type { Connection } from './connection.ts';
import { write } from './transaction.ts';

const LENGTH = 32;

export const createSecrets = (connection: Connection) => {
  const find = (name: string): Uint8Array | null => {
    const row = connection.get('SELECT value FROM secrets WHERE name = ?', name);
    return row === null ? null : bytes(row, 'value');
  };
  return async (name: string): Promise<Uint8Array> =>
    find(name) ??
    write(connection, () => {
      const made = find(name);
      if (made !== null) return made;
      const value = new Uint8Array(randomBytes(LENGTH));
      connection.run('INSERT INTO secrets (name, value) VALUES (?, ?)', name, value);
      return value;
    });
};
