/** The source of a build: a `.tar.gz` object, unpacked into the workspace. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { Objects } from './objects.ts';

/** False when there is no such object, or it is no archive. */
export const unpackSource = async (
  objects: Objects,
  source: { readonly bucket: string; readonly object: string },
  workspace: string,
): Promise<boolean> => {
  const object = objects.get(source.bucket, source.object);
  if (object === null) return false;
  const tar = spawn('tar', ['-xz', '-C', workspace, '-f', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const closed = once(tar, 'close');
  await pipeline(objects.read(object, 0, object.size - 1), tar.stdin).catch(() => undefined);
  const [code] = await closed;
  return code === 0;
};
