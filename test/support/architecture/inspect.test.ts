/** Each rule, failing on a planted violation. */
import { describe, expect, it } from 'vitest';
import { inspect, inspectFile } from './inspect.ts';

const rules = (path: string, text: string) => inspectFile(path, text).map(({ rule }) => rule);
const details = (path: string, text: string) => inspectFile(path, text).map(({ detail }) => detail);

describe('the table of layers', () => {
  it.each([
    ['src/core/run.ts', "import './ids.ts';"],
    ['src/ports/clock.ts', "import type { Instant } from '../core/ids.ts';"],
    ['src/engine/worker.ts', "import type { Clock } from '../ports/clock.ts';"],
    ['src/stores/sqlite/runs.ts', "import { DatabaseSync } from 'node:sqlite'; import './codec.ts';"],
    ['src/stores/sqlite/migrations/one.ts', "import '../codec.ts';"],
    ['src/stores/firestore/runs.ts', "import { Firestore } from '@google-cloud/firestore';"],
    ['src/executors/cloud-build/executor.ts', "import { cloudbuild } from '@googleapis/cloudbuild';"],
    ['src/harnesses/claude-code/conclude.ts', "import Ajv from 'ajv/dist/2020.js';"],
    ['src/api/schemas.ts', "import { z } from 'zod'; import '../core/run.ts';"],
    ['src/http/routes/runs.ts', "import { streamSSE } from 'hono/streaming'; import '../../engine/submit-run.ts';"],
    ['src/conversation/render.ts', "import '../api/schemas.ts';"],
    ['src/client/follow.ts', "import type { EventBody } from '../api/schemas.ts';"],
    ['src/cli/serve.ts', "import { openApp } from '../app.ts'; import { parseConfig } from '../config.ts';"],
    ['src/cli/runs.ts', "import { createClient } from '../client/client.ts'; import 'commander';"],
    ['src/demo/server.ts', "import { createServer } from 'node:http';"],
    ['src/config.ts', "import { z } from 'zod';"],
    ['src/app.ts', "import './stores/sqlite/stores.ts'; import 'pino'; await import('./stores/firestore/stores.ts');"],
    ['src/app.ts', "import type { Settings } from './stores/firestore/stores.ts';"],
    ['web/src/main.tsx', "import 'react'; import '../../src/client/client.ts'; import './app.tsx';"],
    ['src/engine/worker.test.ts', "import { openStores } from '../stores/sqlite/stores.ts'; import 'node:fs';"],
    ['scripts/x.mjs', "import '../src/app.ts'; import 'node:fs';"],
  ])('lets %s say %s', (path, text) => {
    expect(inspectFile(path, text)).toEqual([]);
  });

  it.each([
    ['src/core/run.ts', "import '../ports/clock.ts';", 'core may not import ports'],
    ['src/core/run.ts', "import { randomUUID } from 'node:crypto';", 'core may not import node:crypto'],
    ['src/core/schedule.ts', "import { Cron } from 'croner';", 'core may not import the package croner'],
    ['src/ports/clock.ts', "import '../engine/worker.ts';", 'ports may not import engine'],
    ['src/engine/worker.ts', "import '../stores/sqlite/stores.ts';", 'engine may not import stores/sqlite'],
    ['src/engine/worker.ts', "import 'node:timers';", 'engine may not import node:timers'],
    ['src/engine/worker.ts', "import 'pino';", 'engine may not import the package pino'],
    ['src/stores/sqlite/runs.ts', "import '../firestore/codec.ts';", 'stores/sqlite may not import stores/firestore'],
    ['src/stores/sqlite/runs.ts', "import '../codec.ts';", 'stores/sqlite may not import stores'],
    ['src/stores/sqlite/runs.ts', "import '../../engine/x.ts';", 'stores/sqlite may not import engine'],
    ['src/stores/sqlite/runs.ts', "import 'better-sqlite3';", 'the package better-sqlite3'],
    ['src/executors/local/executor.ts', "import '../cloud-build/x.ts';", 'may not import executors/cloud-build'],
    ['src/executors/local/executor.ts', "import '../../gateway/proxy.ts';", 'may not import gateway'],
    ['src/gateway/proxy.ts', "import '../harnesses/claude-code/harness.ts';", 'may not import harnesses/claude-code'],
    ['src/api/schemas.ts', "import '../engine/worker.ts';", 'api may not import engine'],
    ['src/http/server.ts', "import '../stores/sqlite/stores.ts';", 'http may not import stores/sqlite'],
    ['src/http/server.ts', "import '../conversation/render.ts';", 'http may not import conversation'],
    ['src/conversation/render.ts', "import 'hono';", 'conversation may not import the package hono'],
    ['src/client/client.ts', "import '../core/run.ts';", 'client may not import core'],
    ['src/client/client.ts', "import 'node:http';", 'client may not import node:http'],
    ['src/cli/runs.ts', "import '../app.ts';", 'cli may not import app.ts'],
    ['src/demo/server.ts', "import '../gateway/proxy.ts';", 'demo may not import gateway'],
    ['src/config.ts', "import './app.ts';", 'config.ts may not import app.ts'],
    ['src/app.ts', "import './cli/program.ts';", 'app.ts may not import cli'],
    ['src/engine/worker.ts', "import '../../bench/x.ts';", 'leads out of src'],
    ['web/src/main.tsx', "import '../../src/engine/worker.ts';", 'web may not import engine'],
    ['web/src/main.tsx', "import 'node:fs';", 'web may not import node:fs'],
    ['web/src/main.tsx', "import 'left-pad';", 'web may not import the package left-pad'],
  ])('refuses %s that says %s', (path, text, words) => {
    expect(details(path, text)).toEqual([expect.stringContaining(words)]);
    expect(rules(path, text)).toEqual(['layer']);
  });

  it.each([
    ['export { claim } from', "export { claim } from '../engine/worker.ts';"],
    ['export * from', "export * from '../engine/worker.ts';"],
    ['import type', "import type { Worker } from '../engine/worker.ts';"],
    ['import { type … }', "import { type Worker } from '../engine/worker.ts';"],
    ['export type … from', "export type { Worker } from '../engine/worker.ts';"],
    ['import()', "const load = () => import('../engine/worker.ts');"],
    ['import() with a template', 'const load = () => import(`../engine/worker.ts`);'],
    ['a type that says import()', "type Worker = import('../engine/worker.ts').Worker;"],
    ['require()', "const worker = require('../engine/worker.ts');"],
    ['import = require()', "import worker = require('../engine/worker.ts');"],
  ])('sees %s', (_, text) => {
    expect(details('src/core/run.ts', text)).toEqual([expect.stringContaining('core may not import engine')]);
  });

  it('refuses an import whose name is computed', () => {
    expect(details('src/engine/x.ts', 'export const load = (name: string) => import(name);')).toEqual([
      'a computed import cannot be checked: name the module',
    ]);
  });

  it('refuses an adapter that has no row yet', () => {
    expect(details('src/stores/mystery/stores.ts', '')).toEqual([expect.stringContaining('has no row')]);
  });
});

describe('heavy packages', () => {
  it.each([
    ['src/app.ts', "import { Firestore } from '@google-cloud/firestore';", ['heavy']],
    ['src/app.ts', "import { openStores } from './stores/firestore/stores.ts';", ['layer']],
    ['src/http/server.ts', "import { storage } from '@googleapis/storage';", ['layer', 'heavy']],
  ])('are not imported at the start: %s that says %s', (path, text, expected) => {
    expect(rules(path, text)).toEqual(expected);
  });
});

describe('files', () => {
  it('have 300 lines at most, tests, scripts and web included', () => {
    const lines = (count: number) => '// x\n'.repeat(count);
    for (const path of ['src/core/a.ts', 'src/core/a.test.ts', 'web/src/a.tsx', 'scripts/a.mjs', 'bench/a.ts']) {
      expect(rules(path, lines(300))).toEqual([]);
      expect(rules(path, lines(301))).toEqual(['size']);
    }
  });

  it.each(['utils.ts', 'string-util.ts', 'test-helpers.ts', 'helper.mjs', 'common.ts', 'run-manager.ts'])(
    'are not called %s',
    (name) => {
      expect(rules(`src/core/${name}`, '')).toEqual(['name']);
    },
  );

  it('may have names that only contain such a word', () => {
    expect(rules('src/core/commonwealth.ts', '')).toEqual([]);
  });

  it.each(['export default 1;', 'const a = 1; export { a as default };', "export { default } from './b.ts';"])(
    'have no default export: %s',
    (text) => {
      expect(rules('src/core/a.ts', text)).toContain('default export');
      expect(rules('vitest.config.ts', text)).not.toContain('default export');
    },
  );

  it.each([
    'process.env.HOME;',
    "process['env'].HOME;",
    'globalThis.process.env;',
    'const { env } = process;',
    "import { env } from 'node:process'; env.HOME;",
  ])('do not read the environment: %s', (text) => {
    expect(rules('src/gateway/a.ts', text)).toEqual(['environment']);
    expect(rules('src/config.ts', text)).not.toContain('environment');
    expect(rules('scripts/a.mjs', text)).toEqual([]);
  });

  it.each([
    'Date.now();',
    'const now = Date.now;',
    'new Date();',
    'Date();',
    'Math.random();',
    'crypto.randomUUID();',
    'globalThis.crypto.randomUUID();',
    'performance.now();',
  ])('of core, engine and api take time, ids and randomness as arguments: %s', (text) => {
    for (const layer of ['core', 'engine', 'api']) {
      expect(rules(`src/${layer}/a.ts`, text)).toEqual(['ambient']);
      expect(rules(`src/${layer}/a.test.ts`, text)).toEqual([]);
    }
    expect(rules('src/system/clock.ts', text)).toEqual([]);
  });

  it('may make a date out of an instant', () => {
    expect(rules('src/api/a.ts', 'new Date(0).toISOString();')).toEqual([]);
  });

  it('can be parsed', () => {
    expect(rules('src/core/a.ts', 'export const = ;')).toContain('syntax');
  });
});

describe('the tree', () => {
  const tree = (...paths: string[]) =>
    inspect(new Map(paths.map((path) => [path, '']))).map(({ path, rule }) => `${path}: ${rule}`);

  it('has no unknown layers', () => {
    expect(tree('src/services/a.ts')).toContain('src/services: layer');
    expect(tree('src/core/a.ts', 'src/config.ts')).toEqual([]);
  });

  it('has siblings that look alike', () => {
    expect(tree('src/stores/sqlite/runs.ts', 'src/stores/sqlite/codec.ts')).toEqual([]);
    expect(
      tree(
        'src/stores/sqlite/runs.ts',
        'src/stores/sqlite/runs.test.ts',
        'src/stores/sqlite/migrations/one.ts',
        'src/stores/firestore/codec.ts',
      ),
    ).toEqual(['src/stores/sqlite/codec.ts: siblings', 'src/stores/firestore/runs.ts: siblings']);
    expect(
      tree(
        'src/executors/local/executor.ts',
        'src/executors/local/cgroup.ts',
        'src/executors/cloud-build/check.ts',
        'src/executors/cloud-build/executor.ts',
      ),
    ).toEqual(['src/executors/local/check.ts: siblings']);
  });
});
