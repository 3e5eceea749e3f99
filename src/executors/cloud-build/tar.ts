/** A tar archive (POSIX ustar) of files in memory, whose names are ours: short, and plain ASCII. Pure. */

export interface Member {
  readonly name: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const MODE = 0o600;

const header = ({ name, content }: Member): Buffer => {
  if (!/^[A-Za-z0-9./_-]{1,99}$/.test(name)) throw new RangeError(`Not a name for an archive: ${JSON.stringify(name)}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void => {
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  };
  block.write(name, 0, 'latin1');
  octal(MODE, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(content.length, 124, 11);
  octal(0, 136, 11);
  block.write('        0', 148, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  return block;
};

/** The archive. */
export const tar = (members: readonly Member[]): Buffer =>
  Buffer.concat([
    ...members.flatMap((member) => [
      header(member),
      member.content,
      Buffer.alloc((BLOCK - (member.content.length % BLOCK)) % BLOCK),
    ]),
    Buffer.alloc(2 * BLOCK),
  ]);
