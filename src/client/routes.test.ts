import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pathOf, ROUTES } from './routes.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}
const document: Document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));

describe('the routes of the client', () => {
  it.each(Object.entries(ROUTES))('%s is an operation of the API', (name, { method, path }) => {
    expect(document.paths[path]?.[method.toLowerCase()]?.operationId).toBe(name);
  });

  it('leave no name unfilled and no value unescaped', () => {
    expect(pathOf('readRun', { runId: 'a/../b?c#d' })).toBe('/runs/a/%00../b%3Fc%23d');
    expect(pathOf('readArtifact', { runId: '1', path: 'a b/c%/ü' })).toBe('/runs/1/artifacts/a%20b/c%25/%C3%BC');
    expect(pathOf('listRuns', {}, { limit: 2, page: undefined, status: 'queued,running' })).toBe(
      '/runs?limit=2&status=queued%2Crunning',
    );
  });
});
