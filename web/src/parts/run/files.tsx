import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ArtifactView } from '../../../../src/api/system-schemas.ts';
import { api, messageOf } from '../../data/api.ts';
import { MOST_PREVIEW_BYTES, saveAs } from '../../data/download.ts';
import { diffQuery, filesQuery } from '../../data/queries.ts';
import { cleanText } from '../../lib/ansi.ts';
import { formatBytes } from '../../lib/format.ts';
import { notify } from '../../lib/toasts.ts';
import { type FileDiff, parseUnifiedDiff } from '../../lib/unified-diff.ts';
import { useWords } from '../../words/words.ts';
import { Button, IconButton } from '../button.tsx';
import { DiffLines } from '../diff-view.tsx';
import { Icon } from '../icons.tsx';
import { Empty, Failed, Loading } from '../states.tsx';
import { Terminal } from '../terminal.tsx';

const save = async (answer: Promise<Response>, name: string): Promise<void> => {
  try {
    await saveAs(await answer, name);
  } catch (error) {
    notify(messageOf(error), 'bad');
  }
};

const Preview = ({ runId, file }: { readonly runId: string; readonly file: ArtifactView }) => {
  const words = useWords();
  const content = useQuery({
    queryKey: ['runs', 'file', runId, file.path],
    queryFn: async () => (await api().readArtifact(runId, file.path)).text(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (content.isPending) return <Loading lines={3} />;
  if (content.isError) return <Failed error={content.error} onRetry={() => content.refetch()} />;
  return (
    <div className="p-3">
      <Terminal text={content.data} label={`${words.run.preview}: ${file.path}`} />
    </div>
  );
};

/** Why there is nothing to preview; null when there is. */
const usePreviewFault = (file: ArtifactView): string | null => {
  const { run } = useWords();
  if (file.kind === 'symlink') return run.symlink(cleanText(file.target ?? '?'));
  if (file.binary) return run.binary;
  return file.size > MOST_PREVIEW_BYTES ? run.tooLarge(formatBytes(file.size)) : null;
};

const STATUS_TONES = { added: 'text-good', modified: 'text-accent', deleted: 'text-bad' } as const;

interface FileProps {
  readonly runId: string;
  readonly file: ArtifactView;
  readonly diff: FileDiff | undefined;
}

const File = ({ runId, file, diff }: FileProps) => {
  const words = useWords();
  const [view, setView] = useState<'diff' | 'preview' | null>(diff === undefined ? null : 'diff');
  const fault = usePreviewFault(file);
  const toggle = (next: 'diff' | 'preview') => setView(view === next ? null : next);
  return (
    <li className="overflow-hidden rounded-lg border border-line bg-panel">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line py-1 pr-1.5 pl-3.5">
        <Icon name="file" className="text-dim" />
        <span className="min-w-0 flex-1 truncate font-mono text-xs">{cleanText(file.path)}</span>
        <span className={`text-xs font-medium ${STATUS_TONES[file.status]}`}>{words.run.fileStatus[file.status]}</span>
        {diff === undefined ? null : (
          <span className="font-mono text-xs">
            <span className="text-good">+{diff.added}</span> <span className="text-bad">-{diff.removed}</span>
          </span>
        )}
        <span className="text-xs text-dim tabular-nums">{formatBytes(file.size)}</span>
        <span className="flex items-center">
          {diff === undefined ? null : (
            <Button kind="quiet" aria-expanded={view === 'diff'} onClick={() => toggle('diff')}>
              {words.run.diff}
            </Button>
          )}
          {file.status === 'deleted' ? null : (
            <Button kind="quiet" aria-expanded={view === 'preview'} onClick={() => toggle('preview')}>
              {words.run.preview}
            </Button>
          )}
          {file.status === 'deleted' || file.kind === 'symlink' ? null : (
            <IconButton
              icon="down"
              label={`${words.actions.download}: ${file.path}`}
              onClick={() => save(api().readArtifact(runId, file.path), file.path.split('/').at(-1) ?? 'file')}
            />
          )}
        </span>
      </div>
      {view === 'diff' && diff !== undefined ? (
        <div className="border-t border-line">
          <DiffLines lines={diff.lines} label={`${words.run.diff}: ${file.path}`} />
        </div>
      ) : null}
      {view !== 'preview' ? null : (
        <div className="border-t border-line">
          {fault === null ? <Preview runId={runId} file={file} /> : <p className="p-3.5 text-dim">{fault}</p>}
        </div>
      )}
    </li>
  );
};

/** The files that a run changed: difference, preview, download. */
export const Files = ({ runId, over }: { readonly runId: string; readonly over: boolean }) => {
  const words = useWords();
  const files = useQuery({ ...filesQuery(runId), enabled: over });
  const diff = useQuery({ ...diffQuery(runId), enabled: over && (files.data?.length ?? 0) > 0 });
  const diffs = useMemo(() => new Map(parseUnifiedDiff(diff.data ?? '').map((one) => [one.path, one])), [diff.data]);
  if (!over) return <Empty icon="file" title={words.run.filesLater} />;
  if (files.isError) return <Failed error={files.error} onRetry={() => files.refetch()} />;
  if (files.isPending || (files.data.length > 0 && diff.isPending)) return <Loading lines={4} />;
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap justify-end gap-2">
        {files.data.length === 0 ? null : (
          <Button icon="down" onClick={() => save(api().readDiff(runId), `${runId}.diff`)}>
            {words.run.diff}
          </Button>
        )}
        <Button icon="down" onClick={() => save(api().readOutput(runId), `${runId}.jsonl`)}>
          {words.run.rawOutput}
        </Button>
      </div>
      {files.data.length === 0 ? (
        <Empty icon="file" title={words.run.noFiles} />
      ) : (
        <ul className="flex flex-col gap-2.5">
          {files.data.map((file) => (
            <File key={file.path} runId={runId} file={file} diff={diffs.get(file.path)} />
          ))}
        </ul>
      )}
    </div>
  );
};
