/** From every earlier version to the newest, with data in it; and what is refused. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../../src/ports/stores.ts';
import { type Connection, openConnection } from '../../../src/stores/sqlite/connection.ts';
import { migrate } from '../../../src/stores/sqlite/migrate.ts';
import type { Migration } from '../../../src/stores/sqlite/migrations/migration.ts';
import { MIGRATIONS } from '../../../src/stores/sqlite/migrations/migrations.ts';
import { openSqliteStores } from '../../../src/stores/sqlite/open.ts';
import { startSqliteProcess } from '../../support/stores/start-process.ts';
import { ALICE, NOW } from './fixtures.ts';
import * as old from './old-database.ts';
import { answerRun, endRun, insertRun, meterRun } from './run-lives.ts';

const ALL = { limit: 100, cursor: null };
const NEWEST = MIGRATIONS.length;

let path = '';
let remove = async (): Promise<void> => {};
beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-migrations-'));
  path = join(directory, 'slipway.db');
  remove = () => rm(directory, { recursive: true });
});
afterEach(() => remove());

const withConnection = <T>(work: (connection: Connection) => T): T => {
  const connection = openConnection(path);
  try {
    return work(connection);
  } finally {
    connection.close();
  }
};
const migrateTo = (version: number): void =>
  withConnection((connection) => migrate(connection, MIGRATIONS.slice(0, version)));

const withStores = async <T>(work: (stores: Stores) => Promise<T>): Promise<T> => {
  const stores = await openSqliteStores({ path });
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
};

/** Tables and indexes, as the database itself describes them. */
const schema = () =>
  withConnection((connection) => connection.all('SELECT name, sql FROM sqlite_schema ORDER BY name'));

describe('the list of migrations', () => {
  it('counts from 1 without a gap', () => {
    expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    expect(new Set(MIGRATIONS.map((migration) => migration.name)).size).toBe(NEWEST);
  });
});

describe.each(MIGRATIONS.map((_, version) => version))('from version %i', (version) => {
  it('comes to the newest with everything that was in it', async () => {
    const runs = await old.makeRuns();
    migrateTo(version);
    withConnection((connection) => old.fillAsOf(connection, version, runs));
    await withStores(async (stores) => {
      const present = (await stores.runs.list({ userId: ALICE }, ALL)).items;
      expect(new Set(present)).toEqual(new Set(version >= 1 ? runs : []));
      for (const run of present) expect(await stores.runs.events(run.id, 0, 99)).toHaveLength(run.lastSeq);
      expect((await stores.agents.list(ALICE, ALL)).items).toEqual(version >= 2 ? [old.AGENT] : []);
      expect((await stores.agents.revisions(old.AGENT.id, ALL)).items).toEqual(
        version >= 2 ? [old.AGENT, old.EARLIER_AGENT] : [],
      );
      expect((await stores.conversations.list(ALICE, ALL)).items).toEqual(version >= 3 ? [old.CONVERSATION] : []);
      expect(await stores.conversations.messages(old.CONVERSATION.id, 0, 9)).toEqual(version >= 3 ? [old.MESSAGE] : []);
      expect(await stores.keys.findByHash(old.KEY.hash)).toEqual(version >= 4 ? old.KEY : null);
      expect(await stores.idempotency.find(ALICE, old.RECORD.key, NOW)).toEqual(version >= 4 ? old.RECORD : null);
      if (version >= 4) expect(await stores.secret('old')).toEqual(old.SECRET);
    });
  });

  it('comes to the same schema as a new database', async () => {
    migrateTo(version);
    migrateTo(NEWEST);
    const migrated = schema();
    path = `${path}.new`;
    migrateTo(NEWEST);
    expect(schema()).toEqual(migrated);
  });
});

describe('from a version without usage sums', () => {
  it.each([1, 2, 3, 4])('counts the runs that are there, and goes on from that (%i)', async (version) => {
    const runs = await old.makeRuns();
    const [costed, unknown] = runs;
    migrateTo(version);
    withConnection((connection) => old.fillAsOf(connection, version, runs));
    await withStores(async (stores) => {
      const sums = () => stores.runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'model' });
      expect(await sums()).toMatchObject([
        { group: '', runs: 1, costUsd: 0 },
        {
          group: 'claude-haiku-4-5',
          runs: 1,
          tokenUsage: { inputTokens: 1_000_000, outputTokens: 3, cacheReadTokens: 2, cacheWriteTokens: 0 },
          costUsd: expect.closeTo(1.0000152, 9),
        },
        { group: 'mystery', runs: 1, tokenUsage: { outputTokens: 5 }, costUsd: null },
      ]);
      await meterRun(stores.runs, costed, { model: 'mystery', outputTokens: 1 });
      await answerRun(stores.runs, costed, 'mystery');
      await endRun(stores.runs, unknown);
      expect(await sums()).toMatchObject([
        { group: '', runs: 1, costUsd: 0 },
        { group: 'mystery', runs: 2, tokenUsage: { inputTokens: 1_000_000, outputTokens: 9 }, costUsd: null },
      ]);
      expect((await stores.runs.agentTotals([old.AGENT.id])).get(old.AGENT.id)).toMatchObject({
        lastRun: { id: costed.id },
        tokenUsage: { outputTokens: 4 },
      });
    });
  });
});

describe('a database that does not fit', () => {
  it('is refused when it is from the future, and left as it is', async () => {
    const next: Migration = { version: NEWEST + 1, name: 'wings', sql: 'CREATE TABLE wings (span INTEGER)' };
    withConnection((connection) => migrate(connection, [...MIGRATIONS, next]));
    const before = await readFile(path);
    await expect(openSqliteStores({ path })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining(`schema version ${NEWEST + 1}, and this Slipway knows versions up to ${NEWEST}`),
      hint: expect.stringContaining('newer Slipway'),
    });
    expect(await readFile(path)).toEqual(before);
  });

  it('is refused when one of its steps was another one, and left as it is', async () => {
    const [first] = MIGRATIONS;
    const other: Migration = { version: 2, name: 'wings', sql: 'CREATE TABLE wings (span INTEGER)' };
    if (first === undefined) throw new Error('There is no migration.');
    withConnection((connection) => migrate(connection, [first, other]));
    const before = await readFile(path);
    await expect(openSqliteStores({ path })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('Version 2 ("wings")'),
      hint: expect.stringContaining('left as it is'),
    });
    expect(await readFile(path)).toEqual(before);
  });
});

describe('a migration that stops in the middle', () => {
  it('leaves nothing of itself when a statement of it fails', async () => {
    const broken: Migration = {
      version: NEWEST + 1,
      name: 'broken',
      sql: 'CREATE TABLE half (x INTEGER); DROP TABLE events; INSERT INTO nowhere VALUES (1); CREATE TABLE rest (x INTEGER)',
    };
    const run = await withStores((stores) => insertRun(stores.runs));
    const before = schema();
    withConnection((connection) => {
      expect(() => migrate(connection, [...MIGRATIONS, broken])).toThrow('refused a statement');
      expect(connection.inTransaction).toBe(false);
    });
    expect(schema()).toEqual(before);
    await withStores(async (stores) => expect(await stores.runs.events(run.id, 0, 9)).toHaveLength(1));
  });

  it.each(MIGRATIONS)(
    'leaves nothing of itself when its process is killed (to version $version)',
    async (migration) => {
      migrateTo(migration.version - 1);
      const before = schema();
      const crashing = await startSqliteProcess({ kind: 'hold', path, sql: migration.sql });
      await crashing.reached(1);
      await crashing.kill();
      expect(schema()).toEqual(before);
      await withStores(async (stores) => {
        const run = await insertRun(stores.runs);
        expect(await stores.runs.get(run.id)).toEqual(run);
      });
      expect(withConnection((connection) => connection.all('SELECT version FROM migrations'))).toHaveLength(NEWEST);
    },
  );
});
