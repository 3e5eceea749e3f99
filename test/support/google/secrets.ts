/** Secret Manager's access call. */
import { notFound } from './api-error.ts';
import { type Route, sendJson } from './http.ts';

export interface Secrets {
  readonly route: Route;
  /** `projects/p/secrets/s/versions/v` → its value, or null. */
  access(versionName: string): string | null;
}

const VERSION = /^projects\/[^/]+\/secrets\/([^/]+)\/versions\/[^/]+$/;

/** @param values by the secret's short name; every version has the same */
export const createSecrets = (values: Readonly<Record<string, string>>): Secrets => {
  const access = (versionName: string): string | null => values[VERSION.exec(versionName)?.[1] ?? ''] ?? null;
  return {
    access,
    route: async ({ method, path, response }) => {
      const name = /^\/v1\/(projects\/.+):access$/.exec(path)?.[1];
      if (name === undefined || method !== 'GET') return false;
      const value = access(name);
      if (value === null) throw notFound(`Secret [${name}] not found or has no versions.`);
      return sendJson(response, { name, payload: { data: Buffer.from(value).toString('base64') } });
    },
  };
};
