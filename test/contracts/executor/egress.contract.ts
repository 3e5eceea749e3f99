/** Hosts that a job may reach: by the egress proxy's socket, as any program knows a proxy, and by nothing else. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress } from '../../../src/gateway/egress/egress.ts';
import type { EgressRefusal, EgressWay } from '../../../src/ports/egress.ts';
import type { Job } from '../../../src/ports/executor.ts';
import { createLogger } from '../../../src/system/logger.ts';
import { type Origin, openOrigin } from '../../support/network/origin.ts';
import { endedWell, type OpenExecutor, run, saidBy, shell } from './jobs.ts';

export const describeEgress = (open: () => Promise<OpenExecutor>): void => {
  describe('a job that may reach hosts', () => {
    let opened: OpenExecutor;
    let origin: Origin;
    let way: EgressWay;
    let dir: string;
    const refusals: EgressRefusal[] = [];
    const openWay = () =>
      createEgress({
        privateHosts: ['good.example', 'other.example'],
        logger: createLogger('warn', (line) => process.stderr.write(line)),
        lookup: async () => ['127.0.0.1'],
      }).open({
        socketPath: join(dir, 'egress.sock'),
        hosts: [`good.example:${origin.httpPort}`, `good.example:${origin.httpsPort}`],
        refused: (refusal) => refusals.push(refusal),
      });

    beforeAll(async () => {
      opened = await open();
      origin = await openOrigin(['good.example']);
      dir = mkdtempSync(join(tmpdir(), 'slipway-way-'));
      chmodSync(dir, 0o755);
      way = await openWay();
    });
    afterAll(async () => {
      await way.close();
      await origin.close();
      await opened.close();
      rmSync(dir, { recursive: true });
    });

    const reaching = (script: string, rest: Partial<Omit<Job, 'limits'>> = {}): Job =>
      shell(script, { socketDir: dir, network: { allow: ['good.example'] }, ...rest });

    it('reaches them, plain and by TLS, from its first instruction on', async () => {
      const { stdout, exit } = await run(
        opened.executor,
        reaching(`curl -s http://good.example:$1/ && curl -ks https://good.example:$2/`, {
          args: [String(origin.httpPort), String(origin.httpsPort)],
        }),
      );
      expect([stdout, exit]).toEqual(['from the outsidefrom the outside', endedWell]);
    });

    it('reaches no other, and reads why', async () => {
      const { stdout } = await run(opened.executor, reaching('curl -s http://other.example/'));
      expect(stdout).toContain('add "other.example" to network.allow');
      expect(refusals).toMatchObject([{ host: 'other.example', port: 80 }]);
    });

    it('has no other way: no name service, no route, and a loopback with the relay alone', async () => {
      const { stdout } = await run(
        opened.executor,
        reaching(
          `curl -s --noproxy '*' -m 2 http://good.example:$1/; curl -s --noproxy '*' -m 2 http://127.0.0.1:$1/
          curl -s --noproxy '*' -m 2 http://192.0.2.1/; getent hosts good.example
          grep -v lo: /proc/net/dev | tail -n +3; echo tried`,
          { args: [String(origin.httpPort)] },
        ),
      );
      expect(stdout).toBe('tried\n');
    });

    it('gets its input, its children, its status and its signals as without', async () => {
      const { stdout, exit } = await run(
        opened.executor,
        reaching('cat; wait; (exit 3) & wait $!; echo $? $(pgrep -P $$ -c -f slipway); exit 7', {
          stdin: Buffer.from('input\n'),
        }),
      );
      expect(stdout).toBe('input\n3 0\n');
      expect(exit).toEqual({ ...endedWell, code: 7 });
      const killed = await run(opened.executor, reaching('kill -TERM $$'));
      expect(killed.exit).toEqual({ ...endedWell, code: null, signal: 'SIGTERM' });
    });

    it('goes on after the proxy was opened anew, as by another server', async () => {
      const execution = await opened.executor.start(
        reaching(
          `echo begun; until [ -e go ]; do curl -s http://good.example:$1/ > got && grep -q again got && touch go; done; cat got`,
          {
            args: [String(origin.httpPort)],
          },
        ),
      );
      await saidBy(execution, 'begun');
      await way.close();
      origin.answer((_request, response) => response.end('again'));
      way = await openWay();
      await saidBy(execution, 'again');
      expect(await execution.exit).toEqual(endedWell);
      await execution.release();
    });

    it('is led nowhere when it names no host', async () => {
      const { stdout } = await run(
        opened.executor,
        shell('env | grep -ci proxy; ls /opt/slipway | grep -cx lib; set -- /proc/[0-9]*; echo $#', { socketDir: dir }),
      );
      // The first process of the place and the shell. A pipe would count its own ends, the second only sometimes.
      expect(stdout).toBe('0\n0\n2\n');
    });
  });
};
