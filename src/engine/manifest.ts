/** The list of a run's artifacts, kept beside them as JSON. */
import type { RunId } from '../core/ids.ts';
import type { ArtifactStore } from '../ports/artifact-store.ts';

export interface ManifestEntry {
  /** Relative to the workspace, with `/`; any character but NUL. */
  readonly path: string;
  readonly kind: 'file' | 'symlink';
  readonly size: number;
  readonly status: 'added' | 'modified' | 'deleted';
  readonly executable: boolean;
  /** Where a symbolic link points. */
  readonly target: string | null;
  /** Name of the blob with the content; null when there is none to be had. */
  readonly blob: string | null;
  readonly binary: boolean;
}

/** Names of the blobs that a run can have besides its files. Where no file was changed there is no difference. */
export const BLOBS = {
  manifest: 'manifest.json',
  diff: 'diff',
  output: 'output',
  transcript: 'transcript',
} as const;

const encoder = new TextEncoder();

export async function* textChunks(text: string): AsyncGenerator<Uint8Array> {
  yield encoder.encode(text);
}

export const writeManifest = async (
  artifacts: ArtifactStore,
  run: RunId,
  entries: readonly ManifestEntry[],
): Promise<void> => {
  await artifacts.put(run, BLOBS.manifest, textChunks(JSON.stringify(entries)));
};

/** The artifacts of a run, sorted by path; null when it is not over, or they could not be kept. */
export const readManifest = async (artifacts: ArtifactStore, run: RunId): Promise<ManifestEntry[] | null> => {
  const blob = await artifacts.get(run, BLOBS.manifest);
  if (blob === null) return null;
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of blob.read()) text += decoder.decode(chunk, { stream: true });
  // Written by `writeManifest` and by nobody else: names and contents of blobs are ours.
  const entries: ManifestEntry[] = JSON.parse(text + decoder.decode());
  return entries;
};
