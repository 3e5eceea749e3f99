/** An HTTP proxy as companies have them: CONNECT for https, absolute addresses for http, and a password if it is given one. */
import { createServer, request as forward, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly port: number;
  /** `CONNECT host:port` or `POST http://host/path` of each request, refused ones included. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * Opens one that leads every name to a port of this machine, which is what makes it the only way there.
 * @param password `user:password` to be shown, or null
 */
export const openConnectProxy = async (targetPort: number, password: string | null = null): Promise<ConnectProxy> => {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const admits = ({ headers }: IncomingMessage): boolean =>
    password === null || headers['proxy-authorization'] === `Basic ${Buffer.from(password).toString('base64')}`;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!admits(request)) return void response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
    const { pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = forward(
      { port: targetPort, host: '127.0.0.1', method: request.method, path: pathname + search, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    requests.push(`CONNECT ${request.url}`);
    if (!admits(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const onward = connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    sockets.add(onward);
    const drop = (): void => {
      socket.destroy();
      onward.destroy();
    };
    for (const one of [socket, onward]) one.on('error', drop);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
