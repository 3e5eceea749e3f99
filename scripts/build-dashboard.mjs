/**
 * `node scripts/build-dashboard.mjs`: the dashboard's files in dist/web, each beside its compressed forms. With `dev`, a
 * server that rebuilds while you type and passes API calls on to a Slipway at SLIPWAY_URL (http://127.0.0.1:8080).
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import { build, createServer } from 'vite';
import { fingerprint, MARK } from './setup/dashboard.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist', 'web');
/** Built beside and moved, so that a build that fails leaves what was there. */
const fresh = `${out}.new-${process.pid}`;

/** @type {import('vite').InlineConfig} */
const config = {
  configFile: false,
  root: join(root, 'web'),
  base: '/ui/',
  // Its warnings are of other people's packages ("use client"); an error ends the build.
  logLevel: process.argv[2] === 'dev' ? 'info' : 'error',
  plugins: [tailwindcss()],
  build: {
    outDir: fresh,
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Every file is a file: the policy of the page lets nothing be inline.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    // Of the packages that are part of it: their licences ask for it.
    license: { fileName: 'THIRD-PARTY-LICENSES.md' },
  },
};

const compress = (/** @type {string} */ folder) => {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:html|js|css|svg)$/.test(name)) continue;
    const bytes = readFileSync(join(folder, name));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, quality));
  }
};

if (process.argv[2] === 'dev') {
  const target = process.env.SLIPWAY_URL ?? 'http://127.0.0.1:8080';
  const proxy = { '^/(?!ui)': { target, changeOrigin: true } };
  const server = await createServer({ ...config, server: { proxy } });
  await server.listen();
  server.printUrls();
} else {
  // Whoever builds, a test run included: React has a slow form for everything that is not this.
  process.env.NODE_ENV = 'production';
  const before = fingerprint(root);
  try {
    await build(config);
    compress(fresh);
    writeFileSync(join(fresh, MARK), before);
    rmSync(out, { recursive: true, force: true });
    renameSync(fresh, out);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
