/** What a run leaves behind: changed files and their difference, its raw output and its session transcript. */
import type { EventDraft } from '../core/events.ts';
import { OFFSET_START, type Run } from '../core/run.ts';
import type { Execution, FileOut } from '../ports/executor.ts';
import type { Drive } from './deps.ts';
import { BLOBS, type ManifestEntry, textChunks, writeManifest } from './manifest.ts';

const MAX_FILES = 10_000;
const MAX_TOTAL_BYTES = 1024 * 1024 * 1024;
/** Larger texts have no line-by-line difference; their bytes can still be fetched. */
const MAX_DIFF_BYTES = 1024 * 1024;
const MAX_TOTAL_DIFF_CHARS = 16 * 1024 * 1024;
/** A NUL among the first bytes marks a file as binary, as git has it. */
const BINARY_PROBE_BYTES = 8_192;
/** More than these are in the list of artifacts, but not in the event log. */
const MAX_EVENTS = 1_000;

interface Haul {
  readonly entries: ManifestEntry[];
  readonly diffs: string[];
  diffChars: number;
  bytes: number;
  leftOut: number;
  leftOutBytes: number;
}

/** Stores it all. Repeatable: done twice, the second time writes the same again. Returns the events to be recorded. */
export const collectFiles = async (drive: Drive, run: Run, execution: Execution): Promise<EventDraft[]> => {
  const haul: Haul = { entries: [], diffs: [], diffChars: 0, bytes: 0, leftOut: 0, leftOutBytes: 0 };
  for await (const file of execution.files()) {
    if (file.root === 'workspace') await keepArtifact(drive, run, file, haul);
    else if (file.path === drive.harness.transcriptPath(run)) {
      await drive.artifacts.put(run.id, BLOBS.transcript, file.content());
    }
  }
  haul.entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  // At once: most of the time goes into waiting for the disk, and it syncs them together.
  await Promise.all([
    drive.artifacts.put(run.id, BLOBS.output, printedBy(execution)),
    ...(haul.entries.length === 0 ? [] : [drive.artifacts.put(run.id, BLOBS.diff, textChunks(haul.diffs.join('')))]),
    writeManifest(drive.artifacts, run.id, haul.entries),
  ]);
  return eventsOf(haul);
};

const eventsOf = (haul: Haul): EventDraft[] => {
  const events: EventDraft[] = haul.entries
    .slice(0, MAX_EVENTS)
    .map(({ path, size, status }) => ({ type: 'artifact', data: { path, size, status } }));
  if (haul.entries.length > MAX_EVENTS) {
    const text = `${haul.entries.length} files were changed; the first ${MAX_EVENTS} have an event, the list of artifacts has all.`;
    events.push({ type: 'log', data: { stream: 'slipway', level: 'info', text } });
  }
  if (haul.leftOut > 0) {
    const what = `${haul.leftOut} changed files over the limit of ${MAX_FILES} files and ${MAX_TOTAL_BYTES} bytes`;
    events.push({ type: 'truncated', data: { what, bytes: haul.bytes + haul.leftOutBytes, keptBytes: haul.bytes } });
  }
  return events;
};

const keepArtifact = async (drive: Drive, run: Run, file: FileOut, haul: Haul): Promise<void> => {
  if (haul.entries.length >= MAX_FILES || haul.bytes + file.size > MAX_TOTAL_BYTES) {
    haul.leftOut += 1;
    haul.leftOutBytes += file.size;
    return;
  }
  const { path, kind, status, executable, target } = file;
  const entry = { path, kind, status, executable, target };
  if (kind === 'symlink' || status === 'deleted') {
    haul.entries.push({ ...entry, size: 0, blob: null, binary: false });
    if (kind === 'file') addDiff(haul, drive.diff(path, textOf(await file.before()), ''));
    return;
  }
  const blob = `file-${haul.entries.length}`;
  const head = createHead();
  const size = await drive.artifacts.put(run.id, blob, head.watch(file.content()));
  haul.bytes += size;
  const beginning = head.kept();
  const text = textOf(beginning);
  const binary = text === null && beginning.subarray(0, BINARY_PROBE_BYTES).includes(0);
  haul.entries.push({ ...entry, size, blob, binary });
  addDiff(haul, drive.diff(path, textOf(await file.before()), text));
};

const addDiff = (haul: Haul, diff: string): void => {
  if (haul.diffChars > MAX_TOTAL_DIFF_CHARS) return;
  haul.diffChars += diff.length;
  haul.diffs.push(haul.diffChars > MAX_TOTAL_DIFF_CHARS ? 'The rest of the difference is too large to show.\n' : diff);
};

/** Valid UTF-8 without NUL as text, null otherwise; nothing at all as the empty text. */
const textOf = (bytes: Uint8Array | null): string | null => {
  if (bytes === null) return '';
  if (bytes.length > MAX_DIFF_BYTES || bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
};

/** Watches bytes go by and keeps them while they are few enough for a difference. */
const createHead = () => {
  const parts: Uint8Array[] = [];
  let size = 0;
  async function* watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      if (size <= MAX_DIFF_BYTES) parts.push(chunk.slice());
      size += chunk.length;
      yield chunk;
    }
  }
  const joined = (): Uint8Array => {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  return { watch, kept: joined };
};

async function* printedBy(execution: Execution): AsyncGenerator<Uint8Array> {
  for await (const chunk of execution.output(OFFSET_START)) if (chunk.stream === 'stdout') yield chunk.bytes;
}
