/** What `/readyz` asks for costs jobs, or calls to Google: it is kept, for every executor alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { createReadiness } from '../../src/examine.ts';
import type { Readiness } from '../../src/ports/executor.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'slipway-ready-'));
afterEach(() => rmSync(dataDir, { recursive: true }));

it('tries the executor once for all who ask together, and again after a minute, or soon where it is not ready', async () => {
  let now = 0;
  let tried = 0;
  let answer: Readiness = { ready: true, findings: [{ part: 'place', status: 'degraded', detail: '', mend: null }] };
  const ready = createReadiness(
    parseConfig({ SLIPWAY_DATA_DIR: dataDir, ANTHROPIC_API_KEY: 'none' }),
    {
      stores: { ping: async () => undefined },
      executor: {
        check: async () => {
          tried += 1;
          return answer;
        },
      },
      engine: { clock: { now: () => now, sleep: async () => undefined } },
    },
    true,
  );
  const isReady = async () => (await ready()).ready;
  expect([...(await Promise.all([isReady(), isReady()])), tried]).toEqual([true, true, 1]);
  now = 59_999;
  answer = { ready: false, findings: [] };
  expect([await isReady(), tried]).toEqual([true, 1]);
  now = 60_000;
  expect([await isReady(), tried]).toEqual([false, 2]);
  answer = { ready: true, findings: [] };
  now = 65_000;
  expect([await isReady(), tried]).toEqual([true, 3]);
}, 60_000);
