import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Execution, FileOut } from '../../../src/ports/executor.ts';
import { bytesOf, fileIn, filesBy, type OpenExecutor, shell } from './jobs.ts';

/** What a place leaves behind. */
export const describeFiles = (open: () => Promise<OpenExecutor>): void => {
  describe('changed files', () => {
    let opened: OpenExecutor;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    const left = async (
      script: string,
      look: (files: Map<string, FileOut>, execution: Execution) => Promise<void>,
      rest: Parameters<typeof shell>[1] = {},
    ): Promise<void> => {
      const execution = await opened.executor.start(shell(script, rest));
      const exit = await execution.exit;
      expect(exit.code).toBe(0);
      await look(await filesBy(execution), execution);
      await execution.release();
    };
    const text = async (file: FileOut | undefined): Promise<string | undefined> =>
      file === undefined ? undefined : (await bytesOf(file.content())).toString();

    it('tells added, modified and deleted, and leaves out what stayed as it was', async () => {
      const files = ['same', 'grown', 'gone', 'swapped', 'dir/same', 'touched', 'run-me'].map((path) =>
        fileIn(path, path),
      );
      const script = `echo more >> grown; rm gone; printf deppaws > swapped; mkdir new; echo n > new/file
        touch touched; chmod +x run-me; mkdir only-a-directory`;
      await left(
        script,
        async (found) => {
          const states = [...found].map(([key, file]) => [key.slice('workspace:'.length), file.status]).toSorted();
          expect(states).toEqual([
            ['gone', 'deleted'],
            ['grown', 'modified'],
            ['new/file', 'added'],
            ['run-me', 'modified'],
            ['swapped', 'modified'],
          ]);
          const grown = found.get('workspace:grown');
          expect(await text(grown)).toBe('grownmore\n');
          expect(grown?.size).toBe(10);
          expect(Buffer.from((await grown?.before()) ?? []).toString()).toBe('grown');
          expect(found.get('workspace:run-me')?.executable).toBe(true);
          const gone = found.get('workspace:gone');
          expect([gone?.size, await text(gone)]).toEqual([0, '']);
          expect(Buffer.from((await gone?.before()) ?? []).toString()).toBe('gone');
          expect(await found.get('workspace:new/file')?.before()).toBeNull();
        },
        { files },
      );
    });

    it('reports symbolic links without following them', async () => {
      const script = `ln -s /etc/passwd abs; ln -s ../../../../../../etc/shadow up; ln -s nowhere broken; ln -s . loop
        mkdir real; echo x > real/file; ln -s real dir; rm was; ln -s /etc/hostname was`;
      await left(
        script,
        async (found) => {
          const links = [...found.values()].filter((file) => file.kind === 'symlink');
          expect(links.map((file) => [file.path, file.target]).toSorted()).toEqual([
            ['abs', '/etc/passwd'],
            ['broken', 'nowhere'],
            ['dir', 'real'],
            ['loop', '.'],
            ['up', '../../../../../../etc/shadow'],
            ['was', '/etc/hostname'],
          ]);
          for (const link of links) expect(await text(link)).toBe('');
          expect(found.get('workspace:was')?.status).toBe('modified');
          expect(found.has('workspace:dir/file')).toBe(false);
        },
        { files: [fileIn('was', 'a file')] },
      );
    });

    it('leaves out what has no content of its own, and does not wait for it', async () => {
      await left('mkfifo fifo; echo x > file', async (found) => {
        expect([...found.keys()]).toEqual(['workspace:file']);
      });
    });

    it('takes any name', async () => {
      const long = 'n'.repeat(255);
      const names = ['-rf', ' ', 'a\nb', '"', "'", '$HOME', '`id`', '\\', '*', 'ümläut', '한글', '😀', '.hidden', long];
      const script = 'for name; do echo "$name" > "./$name"; done';
      await left(
        script,
        async (found) => {
          expect([...found.values()].map((file) => file.path).toSorted()).toEqual(names.toSorted());
          for (const name of names) expect(await text(found.get(`workspace:${name}`))).toBe(`${name}\n`);
        },
        { args: names },
      );
    });

    it('tells names apart that are no text', async () => {
      const script = `printf one > "$(printf 'x\\377')"; printf two > "$(printf 'x\\376')"; mkdir "$(printf '\\303')"
        printf three > "$(printf '\\303')/y"; printf four > "$(printf 'x\\357\\277\\275')"`;
      await left(script, async (found) => {
        expect(found.size).toBe(4);
        const contents = await Promise.all([...found.values()].map(text));
        expect(contents.toSorted()).toEqual(['four', 'one', 'three', 'two']);
        for (const file of found.values()) expect(file.path).toContain('\uFFFD');
      });
    });

    it('reads what its owner may not', async () => {
      const script = 'mkdir -p d/e; echo x > d/e/f; echo y > g; chmod 000 d/e/f g d/e d';
      await left(script, async (found) => {
        expect([...found.keys()].toSorted()).toEqual(['workspace:d/e/f', 'workspace:g']);
        expect(await text(found.get('workspace:d/e/f'))).toBe('x\n');
        expect(await text(found.get('workspace:g'))).toBe('y\n');
      });
    });

    it('walks trees deeper than the longest path', async () => {
      // From the inside out: no shell can go down there.
      const script = `part=$(printf '%0200d' 0); mkdir "$part"; echo deep > "$part/end"; i=1
        while [ $i -lt 30 ]; do mkdir new; mv "$part" new; mv new "$part"; i=$((i+1)); done`;
      await left(script, async (found) => {
        const [file] = found.values();
        expect(found.size).toBe(1);
        expect(file?.path.split('/').length).toBe(31);
        expect(await text(file)).toBe('deep\n');
      });
    });

    it('takes 10,000 files', async () => {
      const script =
        'i=0; while [ $i -lt 10000 ]; do [ $((i % 500)) -eq 0 ] && mkdir d$i && d=d$i; echo $i > $d/f$i; i=$((i+1)); done';
      await left(script, async (found) => {
        expect(found.size).toBe(10_000);
        expect(await text(found.get('workspace:d9500/f9999'))).toBe('9999\n');
      });
    });

    it('streams a file that is larger than it looks', async () => {
      await left('truncate -s 300000000 sparse', async (found) => {
        const file = found.get('workspace:sparse');
        expect(file?.size).toBe(300_000_000);
        let first: Uint8Array | null = null;
        for await (const bytes of file?.content() ?? []) {
          first = bytes;
          break;
        }
        expect(first?.length).toBeLessThanOrEqual(1_048_576);
      });
    });

    it('brings the kept files of home that exist, after those of the workspace, and no others', async () => {
      const script = `mkdir -p ~/.claude/p; echo session > ~/.claude/p/s.jsonl; echo other > ~/other; echo w > w
        mkdir ~/d; ln -s /etc ~/link; ln -s /etc/passwd ~/passwd`;
      const keep = ['.claude/p/s.jsonl', 'missing', 'link/passwd', 'passwd', 'd', 'in'];
      await left(
        script,
        async (found) => {
          const keys = ['workspace:w', 'home:.claude/p/s.jsonl', 'home:passwd', 'home:in'];
          expect([...found.keys()]).toEqual(keys);
          expect(await text(found.get('home:.claude/p/s.jsonl'))).toBe('session\n');
          expect(found.get('home:passwd')?.kind).toBe('symlink');
          expect(await text(found.get('home:passwd'))).toBe('');
          expect(Buffer.from((await found.get('home:in')?.before()) ?? []).toString()).toBe('it went in');
        },
        { keep, files: [fileIn('in', 'it went in', 'home')] },
      );
    });

    it('can be asked twice', async () => {
      await left('echo x > f', async (found, execution) => {
        expect([...(await filesBy(execution)).keys()]).toEqual([...found.keys()]);
      });
    });
  });
};
