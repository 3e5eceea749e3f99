/** Credentials for repositories stay on the server: what would need them is refused, instead of being tried without. */
import { readFile } from 'node:fs/promises';
import type { Source } from '../../core/agent.ts';
import { DomainError } from '../../core/errors.ts';

/**
 * Throws `source_failed` when the server has credentials for the repository's host: they are not brought into builds.
 *
 * @param path file of `SLIPWAY_GIT_CREDENTIALS`, a line such as `https://user:token@host` for each; null = none
 */
export const requireNoCredentials = async ({ git }: Source, path: string | null): Promise<void> => {
  if (path === null) return;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DomainError('source_failed', 'The file of SLIPWAY_GIT_CREDENTIALS cannot be read on this server.', {
      hint: 'Nothing was executed. Tell the operator to check its path and permissions.',
      cause: error,
    });
  });
  const { host } = new URL(git);
  const hosts = text.split('\n').flatMap((line) => (URL.canParse(line.trim()) ? [new URL(line.trim()).host] : []));
  if (!hosts.includes(host)) return;
  throw new DomainError('source_failed', `Repositories of ${host} want credentials, and builds get none.`, {
    hint: 'Nothing was executed. Take a repository that is open to all, or a server with SLIPWAY_EXECUTOR=local.',
  });
};
