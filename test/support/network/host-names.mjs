/**
 * Loaded into a server before its own code, by NODE_OPTIONS: names of hosts that no name service knows, as JSON in
 * TEST_HOST_NAMES (name → addresses). Every other name is looked up as ever.
 */
import promises from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';

const names = JSON.parse(process.env.TEST_HOST_NAMES ?? '{}');
const { lookup } = promises;
Object.assign(promises, {
  /** @type {(host: string, options: import('node:dns').LookupAllOptions) => Promise<{ address: string }[]>} */
  lookup: async (host, options) => {
    /** @type {string[] | undefined} */
    const known = names[host];
    return known === undefined ? lookup(host, options) : known.map((address) => ({ address }));
  },
});
syncBuiltinESMExports();
