/** `slipway doctor --google` as a program, over the emulators of storage, builds, secrets and Firestore, and a real server. */
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { InternalOptions } from '../../src/http/routes/internal.ts';
import { createCall } from '../../src/system/google-check/call.ts';
import { start } from '../cli/slipway.ts';
import { openBench } from '../http/bench/open-bench.ts';
import { describeWithFirestore, emulatorHost } from '../support/firestore/firestore.ts';
import { type Emulator, openEmulator } from '../support/google/emulator.ts';

const KEY = 'sk-ant-very-secret';
const report = z.object({
  ready: z.boolean(),
  findings: z.array(
    z.object({ part: z.string(), status: z.string(), detail: z.string(), mend: z.string().nullable() }),
  ),
});
const internal: InternalOptions = {
  isPlace: () => false,
  output: () => 'nobody',
  buildChanged: () => undefined,
  isInvoker: async () => false,
  round: async () => ({ claimed: 0, active: 0 }),
  nudge: async () => undefined,
};

/** The emulator's first answers can take longer than doctor waits, on a machine that has much else to do. */
const warmUp = async (host: string): Promise<void> => {
  const documents = `http://${host}/v1/projects/warm-up/databases/(default)/documents`;
  const query = { structuredQuery: { from: [{ collectionId: 'probes' }], limit: 1 } };
  for (const [method, url, body] of [
    ['PATCH', `${documents}/probes/one`, { fields: {} }],
    ['POST', `${documents}:runQuery`, query],
  ] as const) {
    const headers = { authorization: 'Bearer owner', 'content-type': 'application/json' };
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }
};

describeWithFirestore('slipway doctor --google', () => {
  let emulator: Emulator;
  let bench: Awaited<ReturnType<typeof openBench>>;
  let environment: Record<string, string>;
  beforeAll(async () => {
    emulator = await openEmulator({ buckets: ['my-bucket'], secrets: { 'model-key': KEY } });
    bench = await openBench();
    const server = await bench.listen({ internal });
    environment = {
      GOOGLE_CLOUD_PROJECT: 'my-project-1',
      SLIPWAY_REGION: 'us-central1',
      SLIPWAY_BUCKET: 'my-bucket',
      SLIPWAY_STORE: 'firestore',
      SLIPWAY_EXECUTOR: 'cloud-build',
      SLIPWAY_PUBLIC_URL: server.url,
      SLIPWAY_INVOKER: 'invoker@my-project-1.iam.gserviceaccount.com',
      SLIPWAY_MODEL_SECRET: 'projects/my-project-1/secrets/model-key/versions/latest',
      SLIPWAY_CLOUD_BUILD_ENDPOINT: emulator.url,
      STORAGE_EMULATOR_HOST: emulator.url,
      FIRESTORE_EMULATOR_HOST: await emulatorHost(),
    };
    await warmUp(await emulatorHost());
  });
  afterAll(async () => {
    await bench.close();
    await emulator.close();
  });

  const doctor = async (over: Record<string, string> = {}) => {
    const { code, out, err } = await start(['doctor', '--google', '--json'], { env: { ...environment, ...over } })
      .ended;
    expect(err).toBe('');
    expect(out).not.toContain(KEY);
    return { code, ...report.parse(JSON.parse(out)) };
  };

  it('finds everything ready that there is an emulator for, and leaves nothing behind', async () => {
    const { code, ready, findings } = await doctor();
    expect(findings.map(({ part, status }) => `${part}: ${status}`)).toEqual([
      'account: ok',
      'bucket: ok',
      'database: ok',
      'indexes: ok',
      'secret: ok',
      'quota: ok',
      'public url: ok',
    ]);
    expect(findings.find(({ part }) => part === 'indexes')?.detail).toBe('17 in use');
    expect([code, ready]).toEqual([0, true]);
    const left = await fetch(`${emulator.url}/storage/v1/b/my-bucket/o?prefix=probes/`);
    expect(await left.json()).not.toHaveProperty('items.0');
  });

  it('tells what is missing, with the command that mends it, and ends with 1', async () => {
    const secret = 'projects/my-project-1/secrets/none/versions/latest';
    const { code, ready, findings } = await doctor({ SLIPWAY_BUCKET: 'no-bucket', SLIPWAY_MODEL_SECRET: secret });
    expect([code, ready]).toEqual([1, false]);
    const broken = findings.filter(({ status }) => status !== 'ok');
    expect(broken.map(({ part }) => part)).toEqual(['bucket', 'secret']);
    expect(broken[0]?.mend).toMatch(/^gcloud storage buckets create gs:\/\/no-bucket /);
    expect(broken[1]?.mend).toContain('gcloud secrets versions add none');
  });

  it('says which role is missing when a call is refused', async () => {
    emulator.faults.add({ on: /POST \/upload\//, status: 403 });
    try {
      const { findings } = await doctor();
      const bucket = findings.find(({ part }) => part === 'bucket');
      expect(bucket?.status).toBe('missing');
      expect(bucket?.mend).toContain('--role=roles/storage.objectUser');
    } finally {
      emulator.faults.clear();
    }
  });

  it('starts a build when it is asked to, and leaves none of its objects', { timeout: 60_000 }, async () => {
    const { code, out } = await start(['doctor', '--build', '--json'], { env: environment }).ended;
    const build = report.parse(JSON.parse(out)).findings.at(-1);
    // Degraded, since the emulator lets everybody list; an account of deploy/terraform may not.
    expect(build).toMatchObject({ part: 'build', status: 'degraded' });
    expect(build?.detail).toContain('may list the bucket');
    expect(code).toBe(0);
    expect([...emulator.objects.list('my-bucket', 'jobs/')]).toEqual([]);
  });

  it('prints lines for people', async () => {
    const { out, code } = await start(['doctor', '--google'], { env: environment }).ended;
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {7}bucket +gs:\/\/my-bucket: written, read, listed, deleted$/m);
  });

  it('says what it needs to be told', async () => {
    const { code, err } = await start(['doctor', '--google'], {}).ended;
    expect(code).not.toBe(0);
    expect(err).toContain('doctor --google needs GOOGLE_CLOUD_PROJECT');
    expect(err).toContain('output -json environment');
  });
});

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
};

describe('a call of the check', () => {
  let server: Server;
  let url = '';
  const seen: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      // Nothing is ever said at /silent.
      if (request.url !== '/silent') response.end('{"a":[{"b":"c"}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${portOf(server)}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('ends by itself where nobody answers, and throws nothing', async () => {
    const call = createCall(async () => 'never sent', 50);
    expect(await call(`${url}/silent`)).toEqual({ status: 0, body: null, problem: 'no answer within 0.05 s' });
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const closed = portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
    const nobody = await call(`http://127.0.0.1:${closed}/`);
    expect(nobody.status).toBe(0);
    expect(nobody.problem).toContain('ECONNREFUSED');
  });

  it('shows an emulator no token, and nobody one who is called without', async () => {
    seen.length = 0;
    const call = createCall(async () => 'the real one');
    await call(`${url}/`);
    await call(`${url}/`, { anonymous: true });
    expect(seen).toEqual(['Bearer owner', undefined]);
  });
});
