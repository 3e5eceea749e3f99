/** The programs and the port that a server needs, missing in every way. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkClaude } from '../../src/checks/claude.ts';
import { keepResult } from '../../src/checks/keep.ts';
import { checkNode } from '../../src/checks/node-version.ts';
import { checkPort } from '../../src/checks/port.ts';
import { CLAUDE_CODE_VERSION } from '../../src/harnesses/claude-code/harness.ts';
import type { Finding } from '../../src/ports/executor.ts';
import { findClaude } from '../../src/system/claude-binary.ts';

describe('the check of Claude Code', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-claude-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  const script = (name: string, text: string, mode = 0o755): string => {
    const path = join(dir, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it('starts the real one', async () => {
    const finding = await checkClaude(findClaude()?.path ?? null, CLAUDE_CODE_VERSION);
    expect(finding).toMatchObject({ status: 'ok', detail: `Claude Code ${CLAUDE_CODE_VERSION}` });
    const other = await checkClaude(findClaude()?.path ?? null, '1.2.3');
    expect(other).toMatchObject({ status: 'degraded', mend: 'npm install @anthropic-ai/claude-code@1.2.3' });
  }, 60_000);

  it('says that there is none, that it does not start, and that its version is unknown', async () => {
    expect(await checkClaude(null, '2')).toMatchObject({ status: 'missing', mend: expect.stringContaining('npm ci') });
    const broken = [join(dir, 'nothing'), script('plain', '', 0o644), script('fails', '#!/bin/sh\nexit 3\n')];
    for (const path of broken) {
      const finding = await checkClaude(path, '2');
      expect(finding).toMatchObject({ status: 'missing', detail: expect.stringContaining('cannot be started') });
    }
    const odd = await checkClaude(script('odd', '#!/bin/sh\necho something else\n'), '2.1.0');
    expect(odd).toMatchObject({ status: 'degraded', detail: expect.stringContaining('of an unknown version') });
  });
});

it('asks for a Node that is new enough', () => {
  expect(checkNode('v24.1.0').status).toBe('ok');
  for (const version of ['v22.18.0', 'v9.0.0', 'nonsense']) expect(checkNode(version).status).toBe('missing');
});

describe('the check of the port', () => {
  const serving = async (answer: string) => {
    const server = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return { port: (server.address() as AddressInfo).port, close: () => server.close() };
  };

  it('says that it is free', async () => {
    expect(await checkPort('127.0.0.1', 0)).toMatchObject({ status: 'ok', detail: 'a free one is taken' });
    const { port, close } = await serving('');
    close();
    expect(await checkPort('127.0.0.1', port)).toMatchObject({ status: 'ok' });
  });

  it.each(['', 'not JSON', '{"info":{"title":"Another"}}', '[]', 'null'])(
    'gives a free one where another program says %j',
    async (answer) => {
      const { port, close } = await serving(answer);
      const finding = await checkPort('127.0.0.1', port);
      close();
      expect(finding).toMatchObject({ status: 'missing', detail: `another program listens on ${port} already` });
      const free = Number(/^PORT=(\d+) slipway serve/.exec(finding.mend ?? '')?.[1]);
      expect(await checkPort('127.0.0.1', free)).toMatchObject({ status: 'ok' });
    },
  );

  it('knows another Slipway, and addresses that this machine has not', async () => {
    const { port, close } = await serving('{"info":{"title":"Slipway","version":"0.1.0"}}');
    const finding = await checkPort('127.0.0.1', port);
    close();
    expect(finding).toMatchObject({ status: 'ok', detail: `Slipway 0.1.0 serves on ${port} already`, mend: null });
    expect((await checkPort('192.0.2.1', 8080)).detail).toBe('this machine has no address 192.0.2.1');
  });
});

it('keeps findings for a while, bad ones for less, and asks once for all who ask together', async () => {
  let now = 0;
  let asked = 0;
  let status: Finding['status'] = 'ok';
  const clock = { now: () => now, sleep: async () => undefined };
  const kept = keepResult(clock, { isGood: (found) => found === 'ok', goodMs: 100, badMs: 10 }, async () => {
    asked += 1;
    if (status === 'degraded') throw new Error('it cannot be tried');
    return status;
  });
  await Promise.all([kept(), kept()]);
  expect(asked).toBe(1);
  now = 99;
  await kept();
  expect(asked).toBe(1);
  [now, status] = [100, 'missing'];
  expect(await kept()).toBe('missing');
  now = 109;
  await kept();
  expect(asked).toBe(2);
  [now, status] = [110, 'degraded'];
  await expect(kept()).rejects.toThrow('cannot be tried');
  status = 'ok';
  expect([await kept(), asked]).toEqual(['ok', 4]);
});
