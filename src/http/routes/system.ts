/** /healthz, /readyz, /metrics, /me, /openapi.json */
import { DEFAULT_PERMISSION_MODE } from '../../api/agent-schemas.ts';
import { encodeLimits } from '../../api/encode.ts';
import { openApiDocument } from '../../api/openapi.ts';
import { systemOperations as operations } from '../../api/system-operations.ts';
import type { ReadyView } from '../../api/system-schemas.ts';
import { DEFAULT_LIMITS } from '../../core/limits.ts';
import type { Finding, Readiness } from '../../ports/executor.ts';
import { type Bind, userOf } from '../bind.ts';
import type { HttpOptions } from '../options.ts';

const encodeFinding = ({ mend, ...finding }: Finding): ReadyView['findings'][number] => ({
  ...finding,
  ...(mend === null ? {} : { mend }),
});

const encodeReadiness = ({ ready, findings }: Readiness, openly: boolean): ReadyView => ({
  ready,
  // Details name paths and versions. Where strangers can ask, they learn which part it is, and no more.
  findings: openly ? findings.map(encodeFinding) : findings.map(({ part, status }) => ({ part, status })),
});

/** Binds the operations on the server itself. */
export const bindSystem = (bind: Bind, options: HttpOptions): void => {
  const { auth, demo, version } = options;
  // Made when it is first asked for, so that no start has to wait for it.
  let document: string | null = null;
  const defaults = { permissionMode: DEFAULT_PERMISSION_MODE, limits: encodeLimits(DEFAULT_LIMITS) };

  bind(operations.readHealth, ({ c }) => c.json({ status: 'ok' }));

  bind(operations.readReadiness, async ({ c }) => {
    const readiness = await options.ready();
    return c.json(encodeReadiness(readiness, auth === 'none'), readiness.ready ? 200 : 503);
  });

  bind(operations.readMetrics, async ({ c }) =>
    c.body(await options.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );

  bind(operations.readMe, ({ c }) => c.json({ userId: userOf(c), auth, demo, version, defaults }));

  bind(operations.readOpenApi, ({ c }) => {
    document ??= JSON.stringify(openApiDocument(version));
    return c.body(document, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });
};
