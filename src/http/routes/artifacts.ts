/** What a run leaves behind: /runs/{runId}/artifacts, …/diff, …/output. */
import { runOperations as operations } from '../../api/run-operations.ts';
import type { ArtifactView } from '../../api/system-schemas.ts';
import { DomainError } from '../../core/errors.ts';
import { isTerminal, type Run, startedAt } from '../../core/run.ts';
import { BLOBS, type ManifestEntry, readManifest } from '../../engine/manifest.ts';
import { readRun } from '../../engine/read-run.ts';
import type { Blob } from '../../ports/artifact-store.ts';
import { type Bind, runIdOf, userOf } from '../bind.ts';
import { attachment, sendBlob } from '../bytes.ts';
import type { HttpContext } from '../context.ts';
import type { HttpOptions } from '../options.ts';

const encodeEntry = ({ path, size, status, kind, executable, binary, target }: ManifestEntry): ArtifactView => ({
  path,
  size,
  status,
  kind,
  executable,
  binary,
  ...(target === null ? {} : { target }),
});

/** Files are collected at the end, so before it their absence says nothing. */
const requireOver = (run: Run, what: string): void => {
  if (isTerminal(run)) return;
  throw new DomainError('conflict', `The run is ${run.state.status}; ${what} is stored when it ends.`, {
    hint: 'Follow the run by its events, and ask again after the last one.',
  });
};

const NOTHING: Blob = {
  size: 0,
  async *read() {},
};

/** The path behind `/artifacts/`, decoded from the address itself: the router's own decoding is made for other names. */
const pathOf = (c: HttpContext, runId: string): string => {
  const { pathname } = new URL(c.req.url);
  try {
    return decodeURIComponent(pathname.slice(`/runs/${runId}/artifacts/`.length));
  } catch {
    throw new DomainError('invalid_request', 'The path is not percent-encoded UTF-8.');
  }
};

const requireContent = (entry: ManifestEntry | undefined, path: string): string => {
  if (entry === undefined) throw new DomainError('not_found', `The run changed no file ${JSON.stringify(path)}.`);
  if (entry.kind === 'symlink') {
    throw new DomainError(
      'conflict',
      `This is a symbolic link to ${JSON.stringify(entry.target)}; links are not followed.`,
      {
        hint: 'If it points to a file that the run changed, fetch that one.',
      },
    );
  }
  if (entry.status === 'deleted') {
    throw new DomainError('not_found', 'The run deleted this file.', {
      hint: 'The diff shows what was in it, if it was text.',
    });
  }
  if (entry.blob === null) throw new DomainError('not_found', 'The content of this file was not kept.');
  return entry.blob;
};

/** Binds the operations on what runs leave behind. */
export const bindArtifacts = (bind: Bind, { engine, logger }: HttpOptions): void => {
  const isKnownToBeEmpty = async (run: Run, name: string): Promise<boolean> =>
    name === BLOBS.diff && (await readManifest(engine.artifacts, run.id))?.length === 0;

  const sendText = async (c: HttpContext, what: string, name: string): Promise<Response> => {
    const run = await readRun(engine, userOf(c), runIdOf(c));
    const blob = await engine.artifacts.get(run.id, name);
    if (blob === null) requireOver(run, what);
    // A run that never started printed and changed nothing; of another one we would have to guess.
    if (blob === null && startedAt(run) !== null && !(await isKnownToBeEmpty(run, name))) {
      throw new DomainError('not_found', `For this run ${what} was not kept.`, {
        hint: "The run's events say why, and hold what was read before.",
      });
    }
    return sendBlob(c, logger, blob ?? NOTHING, { type: 'text/plain; charset=utf-8' });
  };

  bind(operations.listArtifacts, async ({ c }) => {
    const run = await readRun(engine, userOf(c), runIdOf(c));
    requireOver(run, 'the list of files');
    const entries = (await readManifest(engine.artifacts, run.id)) ?? [];
    return c.json({ data: entries.map(encodeEntry), nextPage: null });
  });

  bind(operations.readArtifact, async ({ c }) => {
    const run = await readRun(engine, userOf(c), runIdOf(c));
    requireOver(run, 'what it changed');
    const path = pathOf(c, run.id);
    const entry = (await readManifest(engine.artifacts, run.id))?.find((candidate) => candidate.path === path);
    const blob = await engine.artifacts.get(run.id, requireContent(entry, path));
    if (blob === null) throw new DomainError('not_found', 'The content of this file was not kept.');
    const type = entry?.binary ? 'application/octet-stream' : 'text/plain; charset=utf-8';
    const name = path.slice(path.lastIndexOf('/') + 1);
    return sendBlob(c, logger, blob, { type, headers: { 'content-disposition': attachment(name) } });
  });

  bind(operations.readDiff, ({ c }) => sendText(c, 'the diff', BLOBS.diff));
  bind(operations.readOutput, ({ c }) => sendText(c, 'the output', BLOBS.output));
};
