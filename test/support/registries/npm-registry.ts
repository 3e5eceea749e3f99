/** A small npm registry with packages that `npm pack` made. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TlsIdentity } from '../network/self-signed.ts';
import { type LocalServer, serveLocally } from './serve.ts';

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Fields of its manifest besides. */
  readonly manifest?: object;
  /** Its files by path. */
  readonly files: Readonly<Record<string, string>>;
}

export interface RegistryOptions {
  /** Bearer token that each request must have. */
  readonly token?: string;
  /** Makes it an https server. */
  readonly tls?: TlsIdentity;
}

const pack = ({ name, version, manifest, files }: NpmPackage): Buffer => {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-npm-'));
  try {
    const all = { ...files, 'package.json': JSON.stringify({ name, version, ...manifest }) };
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text, { mode: 0o755 });
    }
    const [packed]: { filename: string }[] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--ignore-scripts'], {
        cwd: dir,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString(),
    );
    return readFileSync(join(dir, packed?.filename ?? ''));
  } finally {
    rmSync(dir, { recursive: true });
  }
};

export const openNpmRegistry = async (
  packages: readonly NpmPackage[],
  { token, tls }: RegistryOptions = {},
): Promise<LocalServer> => {
  const tarballs = new Map(packages.map((one) => [`/${one.name}/-/${one.name}-${one.version}.tgz`, pack(one)]));
  const packument = (name: string, host: string) => {
    const versions = packages.filter((one) => one.name === name);
    const newest = versions.at(-1);
    if (newest === undefined) return null;
    const entries = versions.map(({ version, manifest }) => {
      const path = `/${name}/-/${name}-${version}.tgz`;
      const integrity = `sha512-${createHash('sha512')
        .update(tarballs.get(path) ?? '')
        .digest('base64')}`;
      return [
        version,
        {
          name,
          version,
          ...manifest,
          dist: { tarball: `${tls === undefined ? 'http' : 'https'}://${host}${path}`, integrity },
        },
      ];
    });
    return { name, 'dist-tags': { latest: newest.version }, versions: Object.fromEntries(entries) };
  };
  return await serveLocally((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end('{}');
      return;
    }
    const tarball = tarballs.get(path);
    const found = packument(path.slice(1), request.headers.host ?? '');
    if (tarball !== undefined) response.end(tarball);
    else if (found !== null) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
    else response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
  }, tls);
};
