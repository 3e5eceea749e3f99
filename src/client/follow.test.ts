import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { followEvents } from './follow.ts';

it('takes a connection up anew that stands and says nothing, behind the last event', async () => {
  const asked: (string | undefined)[] = [];
  const standing: ServerResponse[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    standing.push(response);
    if (asked.length === 1) response.write('id: 1\nevent: log\ndata: {}\n\n');
    else response.end('id: 2\nevent: run.succeeded\ndata: {}\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const heard: string[] = [];
  const client = { url: `http://127.0.0.1:${port}`, key: null };
  for await (const one of followEvents(client, 'r', { silenceMs: 300 })) {
    heard.push(one.kind === 'event' ? one.event.type : one.kind);
  }
  expect(heard).toEqual(['log', 'reconnecting', 'run.succeeded']);
  expect(asked).toEqual(['/runs/r/events?after=0', '/runs/r/events?after=1']);
  for (const response of standing) response.destroy();
  server.close();
  await once(server, 'close');
});
