/** The database file itself: how it is made, and what is said of one that cannot be used. */
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openConnection } from '../../../src/stores/sqlite/connection.ts';
import { openSqliteStores } from '../../../src/stores/sqlite/open.ts';
import { createRunStore } from '../../../src/stores/sqlite/runs.ts';
import { write } from '../../../src/stores/sqlite/transaction.ts';
import { ALICE, NOW } from './fixtures.ts';
import { refusal } from './outcomes.ts';
import { insertRun } from './run-lives.ts';

describe('the database file', () => {
  let directory = '';
  let path = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-file-'));
    path = join(directory, 'data', 'slipway.db');
  });
  afterEach(() => rm(directory, { recursive: true }));

  const refusalOf = async (): Promise<unknown> => {
    try {
      await (await openSqliteStores({ path })).close();
      return null;
    } catch (error) {
      return error;
    }
  };
  const unavailable = (message: string, hint: string) =>
    expect.objectContaining({
      code: 'store_unavailable',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });

  it('is made for its owner alone, in a directory for its owner alone', async () => {
    const stores = await openSqliteStores({ path });
    await insertRun(stores.runs);
    for (const name of [path, `${path}-wal`, `${path}-shm`]) expect((await stat(name)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'data'))).mode & 0o777).toBe(0o700);
    await stores.close();
  });

  it('keeps the mode that its owner gave it', async () => {
    expect(await refusalOf()).toBeNull();
    await chmod(path, 0o640);
    expect(await refusalOf()).toBeNull();
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  it('may have an odd name', async () => {
    path = join(directory, "o'd d?mode=ro#%41 ü.db");
    expect(await refusalOf()).toBeNull();
    expect((await stat(path)).isFile()).toBe(true);
  });

  it('is written through to the disk', async () => {
    const stores = await openSqliteStores({ path });
    const connection = openConnection(path);
    expect(connection.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
    // 2 is FULL: a commit is on the disk when it returns.
    expect(connection.get('PRAGMA synchronous')).toEqual({ synchronous: 2 });
    expect(connection.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 });
    connection.close();
    await stores.close();
  });

  it('is refused, and left as it is, when it is no database', async () => {
    await mkdir(join(directory, 'data'));
    const text = 'Dear diary, '.repeat(500);
    await writeFile(path, text);
    expect(await refusalOf()).toEqual(unavailable('not a database', 'left as it is'));
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it("is refused, and left as it is, when it is another program's database", async () => {
    await mkdir(join(directory, 'data'));
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES (1)');
    other.close();
    const before = await readFile(path);
    expect(await refusalOf()).toEqual(unavailable('not made by Slipway', 'Name another file'));
    expect(await readFile(path)).toEqual(before);
  });

  it('is refused when it is a directory, or when its directory cannot be made', async () => {
    await mkdir(path, { recursive: true });
    expect(await refusalOf()).toEqual(unavailable('cannot be opened', 'not a directory'));
    path = join(directory, 'file', 'slipway.db');
    await writeFile(join(directory, 'file'), '');
    expect(await refusalOf()).toEqual(unavailable('cannot be created', 'data directory'));
  });

  it('is named as damaged when a page of it is', async () => {
    const stores = await openSqliteStores({ path });
    for (let count = 0; count < 50; count += 1) await insertRun(stores.runs);
    await stores.close();
    const bytes = await readFile(path);
    bytes.fill(0x5a, 4_096);
    await writeFile(path, bytes);
    expect(await refusalOf()).toEqual(unavailable('damaged', 'backup'));
  });

  it('is named as read-only when a write is refused for that', async () => {
    await (await openSqliteStores({ path })).close();
    const connection = openConnection(path);
    connection.exec('PRAGMA query_only = ON');
    expect(await refusal(insertRun(createRunStore(connection)))).toBe('store_unavailable');
    connection.close();
  });

  it('takes no call of a decision on the store that runs it', async () => {
    const stores = await openSqliteStores({ path });
    const run = await insertRun(stores.runs);
    const inner: Promise<unknown>[] = [];
    await stores.runs.update(run.id, (present) => {
      inner.push(insertRun(stores.runs, {}, NOW + 1).catch((error: unknown) => error));
      return { run: { ...present, leaseToken: 7 }, events: [] };
    });
    expect(await Promise.all(inner)).toMatchObject([{ code: 'internal' }]);
    expect((await stores.runs.list({ userId: ALICE }, { limit: 9, cursor: null })).items).toMatchObject([
      { id: run.id, leaseToken: 7 },
    ]);
    await stores.close();
  });

  it('gives what was written, or an error, never half of a value', async () => {
    const stores = await openSqliteStores({ path });
    const run = await insertRun(stores.runs);
    const connection = openConnection(path);
    for (const doc of ['{', '[]', '{}', '{"state":{"status":"flying"}}']) {
      await write(connection, () => connection.run('UPDATE runs SET doc = ? WHERE id = ?', doc, run.id));
      await expect(stores.runs.get(run.id)).rejects.toMatchObject({ code: 'internal' });
    }
    connection.close();
    await stores.close();
  });
});
