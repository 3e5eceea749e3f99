/** Directories that no server could work in, and what is said of them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDataDirectory } from '../../src/checks/data-directory.ts';
import { checkTemporaryFiles } from '../../src/checks/temporary-files.ts';

const isRoot = process.getuid?.() === 0;

describe('the check of the data directory', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'slipway-data-'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('makes it, for its owner alone, and leaves nothing in it', async () => {
    const dir = join(root, 'a', 'new');
    expect(await checkDataDirectory(dir)).toEqual({ part: 'data directory', status: 'ok', detail: dir, mend: null });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('works at a path that is too long for a Unix socket', async () => {
    expect((await checkDataDirectory(join(root, 'x'.repeat(120)))).status).toBe('ok');
  });

  it('misses one that is a file, or below one', async () => {
    writeFileSync(join(root, 'file'), '');
    for (const path of [join(root, 'file'), join(root, 'file', 'below')]) {
      const finding = await checkDataDirectory(path);
      expect(finding).toMatchObject({ status: 'missing', mend: expect.stringContaining('export SLIPWAY_DATA_DIR=') });
      expect(finding.detail).toContain('is not a directory');
    }
  });

  it('warns of others who may enter, and of file systems of other machines', async () => {
    const dir = join(root, 'open');
    mkdirSync(dir);
    chmodSync(dir, 0o755);
    const finding = await checkDataDirectory(dir, () => 0x6969);
    expect(finding.status).toBe('degraded');
    expect(finding.detail).toMatch(/is on NFS, .*; it can be entered by other users of this machine \(mode 755\)/);
    expect(finding.mend).toContain(`chmod 700 ${dir}`);
  });

  it.runIf(isRoot)('warns of one that belongs to another user', async () => {
    const dir = join(root, 'foreign');
    mkdirSync(dir, { mode: 0o700 });
    chownSync(dir, 12_345, 12_345);
    expect(await checkDataDirectory(dir)).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('belongs to user 12345'),
      mend: expect.stringContaining('sudo chown -R 0'),
    });
  });

  it.runIf(isRoot)('misses one that another user may not write to', async () => {
    const dir = join(root, 'roots');
    mkdirSync(dir, { mode: 0o700 });
    chmodSync(root, 0o755);
    const module = JSON.stringify(import.meta.resolve('../../src/checks/data-directory.ts'));
    const script = `import(${module}).then(async (m) => console.log(JSON.stringify(await m.checkDataDirectory(process.argv[1]))))`;
    const said = execFileSync('setpriv', [
      '--reuid=12345',
      '--clear-groups',
      '--',
      process.execPath,
      '-e',
      script,
      dir,
    ]);
    expect(JSON.parse(said.toString())).toMatchObject({
      status: 'missing',
      detail: `this user may not write to ${dir}`,
      mend: `sudo chown -R "$(id -un)" ${dir}`,
    });
  });

  describe.runIf(isRoot)('on a file system', () => {
    /** What is said of a directory on a file system that is mounted so, after `fill`. */
    const on = async (options: string, fill: (dir: string) => void = () => undefined) => {
      const dir = mkdtempSync(join(root, 'mount-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=700,${options}`, 'none', dir]);
      try {
        fill(dir);
        return { data: await checkDataDirectory(dir), temporary: await checkTemporaryFiles(dir) };
      } finally {
        execFileSync('umount', [dir]);
      }
    };

    it('that is read-only', async () => {
      const { data, temporary } = await on('ro');
      expect(data).toMatchObject({ status: 'missing', mend: expect.stringContaining('remount,rw') });
      expect(data.detail).toContain('mounted read-only');
      expect(temporary).toMatchObject({ status: 'degraded', detail: expect.stringContaining('EROFS') });
    });

    it('that executes nothing', async () => {
      const { data } = await on('noexec');
      expect(data).toMatchObject({ status: 'missing', mend: expect.stringContaining('remount,exec') });
      expect(data.detail).toContain('noexec');
    });

    it('that is full', async () => {
      const { data, temporary } = await on('size=1m', (dir) => {
        try {
          writeFileSync(join(dir, 'all'), new Uint8Array(2_097_152));
        } catch {
          // As full as it gets.
        }
      });
      expect(data).toMatchObject({ status: 'missing', mend: expect.stringContaining('df -h') });
      expect(data.detail).toContain('is full');
      expect(temporary).toMatchObject({ status: 'degraded', detail: expect.stringContaining('ENOSPC') });
    });

    it('that is nearly full', async () => {
      const { data, temporary } = await on('size=32m');
      expect(data.status).toBe('ok');
      expect(temporary).toMatchObject({ status: 'degraded', detail: expect.stringMatching(/^3[12] MiB free/) });
    });
  });

  it('has temporary files where there is room', async () => {
    expect(await checkTemporaryFiles(root)).toMatchObject({ status: 'ok', mend: null });
    expect(readdirSync(root).filter((name) => name.startsWith('slipway-probe'))).toEqual([]);
    expect(await checkTemporaryFiles(join(root, 'none'))).toMatchObject({ detail: expect.stringContaining('ENOENT') });
  });
});
