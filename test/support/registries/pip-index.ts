/** A small index of Python packages, with the form of PEP 503: wheels and source distributions made here. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsIdentity } from '../network/self-signed.ts';
import { type LocalServer, serveLocally } from './serve.ts';

export interface PythonPackage {
  readonly name: string;
  readonly version: string;
  readonly kind: 'wheel' | 'source';
  /** Files by path. */
  readonly files: Readonly<Record<string, string>>;
  /** `name = module:function`; a wheel's console scripts. */
  readonly scripts?: string;
}

const MAKE = `
import io, json, sys, tarfile, zipfile
path, kind, files = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
if kind == 'wheel':
    with zipfile.ZipFile(path, 'w') as out:
        for name, text in files.items(): out.writestr(name, text)
else:
    with tarfile.open(path, 'w:gz') as out:
        for name, text in files.items():
            info = tarfile.TarInfo(name); info.size = len(text.encode())
            out.addfile(info, io.BytesIO(text.encode()))
`;

const fileName = ({ name, version, kind }: PythonPackage): string =>
  kind === 'wheel' ? `${name}-${version}-py3-none-any.whl` : `${name}-${version}.tar.gz`;

const make = (one: PythonPackage): Buffer => {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-pip-'));
  const { name, version, kind, files, scripts } = one;
  const info = `${name}-${version}.dist-info`;
  const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`;
  const wheel = {
    ...files,
    [`${info}/METADATA`]: metadata,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    ...(scripts === undefined ? {} : { [`${info}/entry_points.txt`]: `[console_scripts]\n${scripts}\n` }),
  };
  const record = [...Object.keys(wheel), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  const base = `${name}-${version}`;
  const source = Object.entries({ 'PKG-INFO': metadata, ...files }).map(([path, text]) => [`${base}/${path}`, text]);
  const content = kind === 'wheel' ? { ...wheel, [`${info}/RECORD`]: record } : Object.fromEntries(source);
  try {
    const path = join(dir, fileName(one));
    execFileSync('/usr/bin/python3', ['-c', MAKE, path, kind, JSON.stringify(content)]);
    return readFileSync(path);
  } finally {
    rmSync(dir, { recursive: true });
  }
};

/** @param credentials `user:password` that each request must have */
export const openPipIndex = async (
  packages: readonly PythonPackage[],
  credentials?: string,
  tls?: TlsIdentity,
): Promise<LocalServer> => {
  const files = new Map(packages.map((one) => [`/files/${fileName(one)}`, make(one)]));
  const expected = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
  return await serveLocally((request, response) => {
    const path = request.url ?? '';
    if (credentials !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="index"' }).end();
      return;
    }
    const file = files.get(path);
    const found = packages.filter((one) => path === `/simple/${one.name}/`);
    if (file !== undefined) response.end(file);
    else if (found.length > 0) {
      const links = found.map((one) => `<a href="/files/${fileName(one)}">${fileName(one)}</a>`).join('\n');
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<!DOCTYPE html><html><body>${links}</body></html>`);
    } else response.writeHead(404).end();
  }, tls);
};
