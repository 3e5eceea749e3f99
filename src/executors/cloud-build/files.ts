/** What an execution left, as its runner brought it out: an index, and one object with all contents. */
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { DomainError } from '../../core/errors.ts';
import { type FileOut, NOT_KEPT } from '../../ports/executor.ts';
import { readEnd } from './exit.ts';
import type { Place } from './names.ts';
import { type FileLine, OBJECTS } from './runner/job-file.ts';
import type { Google } from './transport.ts';

const CHUNK_BYTES = 65_536;

/** Files of a place after its end; none when it was ended by force. */
export async function* filesOf(google: Google, place: Place): AsyncGenerator<FileOut> {
  const end = await readEnd(google, place);
  if (end === null) return;
  if (end.filesError !== null) {
    throw new DomainError('place_failed', `The changed files could not be brought out of the build: ${end.filesError}`);
  }
  const index = await google.stream(`${place.results}${OBJECTS.files}`, 0);
  if (index === null) return;
  for await (const line of linesOf(index)) yield fileOut(google, place, line);
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FileLine> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const piece of bytes) {
    const lines = `${rest}${decoder.decode(piece, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    // Decoder of our own runner's file.
    for (const line of lines) yield JSON.parse(line) as FileLine;
  }
}

const fileOut = (google: Google, place: Place, line: FileLine): FileOut => {
  const { root, path, status, kind, size, executable, target } = line;
  const name = `${place.results}${OBJECTS.contents}`;
  return {
    root,
    path,
    status,
    kind,
    size,
    executable,
    target,
    content: () => unpack(google, name, line.content),
    before: async () => {
      if (line.before === null) return null;
      if (line.before === 'not_kept') return NOT_KEPT;
      const [start, length] = line.before;
      const packed = await google.read(name, start, start + length - 1);
      return packed === null ? null : promisify(gunzip)(packed);
    },
  };
};

async function* unpack(google: Google, name: string, span: FileLine['content']): AsyncGenerator<Uint8Array> {
  if (span === null) return;
  const [start, length] = span;
  const packed = await google.stream(name, start, start + length - 1);
  if (packed === null) throw new DomainError('place_failed', 'The contents of the changed files are gone.');
  yield* Readable.from(packed).compose(createGunzip({ chunkSize: CHUNK_BYTES }));
}
