import { cleanText } from '../../lib/ansi.ts';
import { formatDuration } from '../../lib/format.ts';
import { commandOf, editOf, summaryOf } from '../../lib/tool-call.ts';
import type { ToolItem } from '../../lib/transcript.ts';
import { useWords } from '../../words/words.ts';
import { DiffLines } from '../diff-view.tsx';
import { Icon, type IconName } from '../icons.tsx';
import { Terminal } from '../terminal.tsx';
import { Denial } from './denial.tsx';
import { Fold } from './fold.tsx';
import { Frame } from './frame.tsx';
import { useOpened } from './opened.ts';

const ICONS: Readonly<Record<string, IconName>> = {
  Bash: 'terminal',
  Edit: 'pencil',
  MultiEdit: 'pencil',
  Write: 'pencil',
  Read: 'eye',
  Grep: 'search',
  Glob: 'search',
};

const State = ({ item, over }: { readonly item: ToolItem; readonly over: boolean }) => {
  const { run } = useWords();
  if (item.denied !== null) return <span className="text-xs font-medium text-warn">{run.toolDenied}</span>;
  if (item.result === null) {
    return over ? null : (
      <span className="inline-flex items-center gap-1 text-xs text-accent">
        <Icon name="spinner" className="size-3 animate-spin" />
        {run.toolRunning}
      </span>
    );
  }
  const took = formatDuration(Date.parse(item.result.at) - Date.parse(item.at));
  return item.result.isError ? (
    <span className="text-xs font-medium text-bad">
      {run.toolFailed} · {took}
    </span>
  ) : (
    <span className="text-xs text-dim tabular-nums">{took}</span>
  );
};

const Body = ({ item }: { readonly item: ToolItem }) => {
  const { run } = useWords();
  const edit = editOf(item.name, item.input);
  const command = commandOf(item.name, item.input);
  const { result } = item;
  return (
    <div className="flex flex-col gap-2">
      {edit !== null ? (
        <div className="overflow-hidden rounded-md border border-line bg-bg">
          <DiffLines lines={edit.lines} label={`${run.diff}: ${edit.path}`} />
        </div>
      ) : command !== null ? (
        <Terminal text={`$ ${command}`} label={run.arguments} tone="text-ink" />
      ) : (
        <Terminal text={JSON.stringify(item.input, null, 2)} label={run.arguments} tone="text-dim" />
      )}
      {result === null || (edit !== null && !result.isError) ? null : (
        <Terminal text={result.text} label={run.output} tone={result.isError ? 'text-bad' : ''} />
      )}
    </div>
  );
};

interface ToolProps {
  readonly item: ToolItem;
  readonly agentId: string | undefined;
  readonly over: boolean;
}

/** A tool's call with its arguments and what came of it. What was changed or printed shows at once, the rest on demand. */
export const Tool = ({ item, agentId, over }: ToolProps) => {
  const words = useWords();
  const shows = editOf(item.name, item.input) !== null || commandOf(item.name, item.input) !== null;
  const [open, setOpen] = useOpened(item.key, shows || item.result?.isError === true);
  return (
    <Frame
      icon={ICONS[item.name] ?? 'tool'}
      tone={item.denied !== null ? 'text-warn' : item.result?.isError === true ? 'text-bad' : 'text-accent'}
      at={item.at}
      head={
        <Fold open={open} onToggle={setOpen}>
          <span className="shrink-0 font-medium">{cleanText(item.name)}</span>
          <span className="truncate font-mono text-xs text-dim">{cleanText(summaryOf(item.input))}</span>
          <State item={item} over={over} />
        </Fold>
      }
    >
      {open || item.denied !== null ? (
        <div className="flex flex-col gap-2">
          {item.denied === null ? null : (
            <Denial text={words.run.deniedText(cleanText(item.name))} hint={item.denied.hint} agentId={agentId} />
          )}
          {open ? <Body item={item} /> : null}
        </div>
      ) : undefined}
    </Frame>
  );
};
