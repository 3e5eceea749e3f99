/** What a run leaves behind: its files and their difference. Names and bytes come from an agent: neither is trusted. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactView } from '../api/system-schemas.ts';
import type { SlipwayClient } from '../client/client.ts';
import { EXIT } from './exit-codes.ts';
import { UsageError } from './explain.ts';
import { complain, oneLine, safe, say, sayJson } from './print.ts';
import { sayTable } from './table.ts';

const write = async (chunk: string | Uint8Array): Promise<void> => {
  if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
};

/** Prints an answer as it comes: byte for byte, or made harmless. */
export const sayBody = async (response: Response, raw: boolean): Promise<void> => {
  if (response.body === null) return;
  if (raw) for await (const chunk of response.body) await write(chunk);
  else {
    // A line end may be cut in two, so a carriage return at the end of a piece waits for the next piece.
    let held = '';
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const text = held + piece;
      held = text.endsWith('\r') ? '\r' : '';
      await write(safe(held === '' ? text : text.slice(0, -1)));
    }
    await write(safe(held));
  }
};

export const diffCommand = async (client: SlipwayClient, id: string, flags: { readonly raw: boolean }): Promise<void> =>
  sayBody(await client.readDiff(id), flags.raw);

export const filesCommand = async (
  client: SlipwayClient,
  id: string,
  flags: { readonly json: boolean },
): Promise<void> => {
  const files = await client.listArtifacts(id);
  if (flags.json) {
    sayJson(files);
    return;
  }
  const rows = files.map((file) => [
    file.status,
    String(file.size),
    file.kind,
    file.target === undefined ? file.path : `${file.path} -> ${file.target}`,
  ]);
  sayTable(['STATUS', 'BYTES', 'KIND', 'PATH'], rows, 'The run changed no files.');
};

const isInside = (path: string): boolean =>
  path !== '' && !path.includes('\0') && path.split('/').every((part) => !/^\.{0,2}$/.test(part));

/** Where a file goes: below `directory`, through no symbolic link that leads out of it. */
const targetOf = async (directory: string, path: string): Promise<string> => {
  if (!isInside(path)) throw new UsageError(`"${oneLine(path, 80)}" leads out of the directory; it is not written.`);
  const target = join(directory, path);
  await mkdir(dirname(target), { recursive: true });
  const parent = await realpath(dirname(target));
  if (parent !== directory && !parent.startsWith(directory + sep)) {
    throw new UsageError(`"${oneLine(path, 80)}" leads through a link out of the directory; it is not written.`);
  }
  return target;
};

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

interface DownloadFlags {
  readonly output: string;
  readonly force: boolean;
}

const save = async (client: SlipwayClient, id: string, path: string, flags: DownloadFlags): Promise<boolean> => {
  const target = await targetOf(flags.output, path);
  if (!flags.force && (await exists(target))) {
    complain(`${oneLine(target, 200)} exists; --force overwrites it.`);
    return false;
  }
  const { body } = await client.readArtifact(id, path);
  if (flags.force) await rm(target, { force: true });
  // With `wx` no link is followed, also not one that appears in between.
  const file = createWriteStream(target, { flags: 'wx' });
  await pipeline(body === null ? Readable.from([]) : Readable.from(body), file);
  say(oneLine(target, 200));
  return true;
};

const wantedOf = (files: readonly ArtifactView[], paths: readonly string[]): readonly string[] => {
  if (paths.length > 0) return paths;
  const links = files.filter(({ kind, status }) => kind === 'symlink' && status !== 'deleted');
  for (const { path } of links) complain(`${oneLine(path, 80)} is a symbolic link; it is left out.`);
  return files.filter(({ kind, status }) => kind === 'file' && status !== 'deleted').map(({ path }) => path);
};

/** Saves the files that were asked for, or all; 1 when one was left out. */
export const downloadCommand = async (
  client: SlipwayClient,
  id: string,
  paths: readonly string[],
  flags: DownloadFlags,
): Promise<number> => {
  const wanted = wantedOf(paths.length > 0 ? [] : await client.listArtifacts(id), paths);
  if (wanted.length === 0) say('The run left no files to save.');
  await mkdir(flags.output, { recursive: true });
  const output = await realpath(resolve(flags.output));
  let complete = true;
  for (const path of wanted) complete = (await save(client, id, path, { ...flags, output })) && complete;
  return complete ? EXIT.succeeded : EXIT.failed;
};
