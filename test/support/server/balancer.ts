/** One address in front of several servers, as a cloud's load balancer is: whoever does not answer is passed over. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

export interface Balancer {
  readonly url: string;
  /** Ports of the servers behind it. */
  readonly ports: number[];
  close(): Promise<void>;
}

const readAll = async (incoming: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts);
};

export const openBalancer = async (): Promise<Balancer> => {
  const ports: number[] = [];
  let turn = 0;

  const forward = (incoming: IncomingMessage, body: Buffer, response: ServerResponse, left: number): void => {
    turn += 1;
    const port = ports[turn % ports.length];
    const { method, url, headers } = incoming;
    const outgoing = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    outgoing.on('error', () => {
      if (response.headersSent) response.destroy();
      else if (left > 0) forward(incoming, body, response, left - 1);
      else response.writeHead(503).end();
    });
    response.on('close', () => outgoing.destroy());
    outgoing.end(body);
  };

  const server = createServer((incoming, response) => {
    readAll(incoming).then(
      (body) => forward(incoming, body, response, ports.length),
      () => response.destroy(),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    ports,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};
