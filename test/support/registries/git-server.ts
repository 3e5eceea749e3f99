/** Repositories over http, served by git's own program for it. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsIdentity } from '../network/self-signed.ts';
import { type LocalServer, serveLocally } from './serve.ts';

export interface GitServer extends LocalServer {
  /** Runs git in the repository `project`. */
  git(...args: string[]): string;
  /** Directory of the repository's work tree. */
  readonly dir: string;
  /** From now on the end of every answer of more than a megabyte is kept back. */
  keepEnds(): void;
}

const WHO = {
  GIT_AUTHOR_NAME: 'T',
  GIT_AUTHOR_EMAIL: 't@example',
  GIT_COMMITTER_NAME: 'T',
  GIT_COMMITTER_EMAIL: 't@example',
};

/** @param credentials `user:password` that each request must have */
export const openGitServer = async (credentials?: string, tls: TlsIdentity | null = null): Promise<GitServer> => {
  const root = mkdtempSync(join(tmpdir(), 'slipway-git-'));
  const dir = join(root, 'project');
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', dir, ...args], { env: { PATH: process.env.PATH, HOME: root, ...WHO } })
      .toString()
      .trim();
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', dir], {
    env: { PATH: process.env.PATH, HOME: root },
  });
  const expected = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
  let keepsEnds = false;
  const server = await serveLocally((request, response) => {
    if (credentials !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const env = {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path.replace(/^\/project\.git/, '/project/.git'),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['content-encoding'] === undefined
        ? {}
        : { HTTP_CONTENT_ENCODING: request.headers['content-encoding'] }),
      ...(request.headers['git-protocol'] === undefined
        ? {}
        : { GIT_PROTOCOL: String(request.headers['git-protocol']) }),
    };
    const backend = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    request.pipe(backend.stdin);
    const parts: Buffer[] = [];
    backend.stdout.on('data', (part: Buffer) => parts.push(part));
    backend.on('close', () => {
      const all = Buffer.concat(parts);
      const end = all.indexOf('\r\n\r\n');
      const headers = all
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => line.split(': '));
      const status = Number(headers.find(([name]) => name === 'Status')?.[1]?.slice(0, 3) ?? 200);
      const rest = headers.filter(([name]) => name !== 'Status').flat();
      const answer = response.writeHead(status, rest);
      const body = all.subarray(end + 4);
      if (keepsEnds && body.length > 1_048_576) answer.write(body.subarray(0, -524_288));
      else answer.end(body);
    });
  }, tls);
  return {
    ...server,
    dir,
    git,
    keepEnds: () => {
      keepsEnds = true;
    },
    close: async () => {
      await server.close();
      rmSync(root, { recursive: true });
    },
  };
};
