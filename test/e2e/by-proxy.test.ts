/** A run whose model service only a proxy leads to, with the real server and the real CLI. */
import { expect, it } from 'vitest';
import { openConnectProxy } from '../support/network/connect-proxy.ts';
import { openDataDir, startServer } from '../support/server/server.ts';
import { openStage } from '../support/server/stage.ts';

it('succeeds through the proxy, and neither the run nor the log has its password', async () => {
  const stage = await openStage();
  const proxy = await openConnectProxy(Number(new URL(stage.model.url).port), 'me:proxy-secret');
  try {
    // The settings that were given before stand behind these.
    await stage.restart({
      ANTHROPIC_BASE_URL: 'http://model.invalid',
      http_proxy: `http://me:proxy-secret@127.0.0.1:${proxy.port}`,
    });
    const { run, events } = await stage.run('[[demo:bash]] env');
    expect(run.status).toBe('succeeded');
    expect(proxy.requests.some((line) => line.startsWith('POST http://model.invalid/v1/messages'))).toBe(true);
    expect(JSON.stringify({ run, events }) + stage.server().printed()).not.toContain('proxy-secret');
  } finally {
    await stage.close();
    await proxy.close();
  }
}, 120_000);

it('is not begun with a proxy that is none of ours: the server says so and does not start', async () => {
  const data = await openDataDir();
  const started = startServer({
    dataDir: data.path,
    env: { ANTHROPIC_API_KEY: 'sk-ant-x', HTTPS_PROXY: 'socks5://me:proxy-secret@proxy.invalid:1080' },
  });
  await expect(started).rejects.toThrow('HTTPS_PROXY is not the address of an HTTP proxy.');
  await expect(started).rejects.not.toThrow('proxy-secret');
  await data.remove();
});
