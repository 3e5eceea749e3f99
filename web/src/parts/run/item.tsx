import { cleanText } from '../../lib/ansi.ts';
import { formatBytes } from '../../lib/format.ts';
import type { Item, Writing } from '../../lib/transcript.ts';
import { useWords } from '../../words/words.ts';
import { Icon } from '../icons.tsx';
import { Markdown } from '../markdown.tsx';
import { Denial } from './denial.tsx';
import { End } from './end.tsx';
import { Fold } from './fold.tsx';
import { Frame } from './frame.tsx';
import { useOpened } from './opened.ts';
import { Tool } from './tool.tsx';

const Thinking = ({ item }: { readonly item: Item & { readonly kind: 'message' | 'thinking' } }) => {
  const words = useWords();
  const [open, setOpen] = useOpened(item.key, false);
  return (
    <Frame
      icon="thought"
      at={item.at}
      head={
        <Fold open={open} onToggle={setOpen} className="text-dim">
          <span className="shrink-0">{words.run.thinking}</span>
          {open ? null : <span className="truncate text-xs italic">{cleanText(item.text.slice(0, 160))}</span>}
        </Fold>
      }
    >
      {open ? (
        <p className="whitespace-pre-wrap text-dim italic [overflow-wrap:anywhere]">{cleanText(item.text)}</p>
      ) : undefined}
    </Frame>
  );
};

const LOG_TONES = { info: 'text-dim', warn: 'text-warn', error: 'text-bad' } as const;

const Line = ({ text, tone = 'text-dim' }: { readonly text: string; readonly tone?: string }) => (
  <p className={`font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere] ${tone}`}>{text}</p>
);

interface ProgramLine {
  readonly type?: unknown;
  readonly subtype?: unknown;
  readonly status?: unknown;
}

/** What a line of the program is about, where it is one of its own JSON lines; the line itself otherwise. */
const gist = (text: string): string => {
  if (!text.startsWith('{')) return text;
  try {
    const { type, subtype, status }: ProgramLine = JSON.parse(text);
    return [type, subtype, status].filter((part) => typeof part === 'string').join(' · ') || text;
  } catch {
    return text;
  }
};

/** What was logged: what warns is shown whole, the rest on demand. */
const Log = ({ item }: { readonly item: Item & { readonly kind: 'log' } }) => {
  const [open, setOpen] = useOpened(item.key, item.level !== 'info');
  const text = cleanText(item.text);
  return (
    <Frame
      icon="info"
      at={item.at}
      head={
        <Fold open={open} onToggle={setOpen}>
          {open ? (
            <Line text={text} tone={LOG_TONES[item.level]} />
          ) : (
            <span className="truncate font-mono text-xs text-dim">{gist(text).slice(0, 200)}</span>
          )}
        </Fold>
      }
    />
  );
};

interface ItemProps {
  readonly item: Item;
  readonly agentId: string | undefined;
  readonly over: boolean;
}

/** One item of a transcript. */
export const TranscriptItem = ({ item, agentId, over }: ItemProps) => {
  const words = useWords();
  const { run } = words;
  switch (item.kind) {
    case 'message':
      return (
        <Frame icon="agents" tone="text-violet" at={item.at} head={<span className="font-medium">{run.agent}</span>}>
          <Markdown text={item.text} />
        </Frame>
      );
    case 'thinking':
      return <Thinking item={item} />;
    case 'tool':
      return <Tool item={item} agentId={agentId} over={over} />;
    case 'denied':
      return (
        <Frame
          icon="lock"
          tone="text-warn"
          at={item.at}
          head={<span className="font-medium">{cleanText(item.tool)}</span>}
        >
          <Denial text={run.deniedText(cleanText(item.tool))} hint={item.hint} agentId={agentId} />
        </Frame>
      );
    case 'session':
      return (
        <Frame icon="runs" at={item.at} head={<span className="text-dim">{run.session(cleanText(item.model))}</span>} />
      );
    case 'log':
      return <Log item={item} />;
    case 'file':
      return (
        <Frame
          icon="file"
          at={item.at}
          head={
            <span className="text-dim">
              {run.fileStatus[item.status]} <span className="font-mono text-xs text-ink">{cleanText(item.path)}</span>{' '}
              {formatBytes(item.size)}
            </span>
          }
        />
      );
    case 'truncated': {
      const text = run.truncated(cleanText(item.what), formatBytes(item.keptBytes), formatBytes(item.bytes));
      return <Frame icon="alert" tone="text-warn" at={item.at} head={<Line text={text} tone="text-warn" />} />;
    }
    case 'stopping':
      return (
        <Frame
          icon="stop"
          tone="text-warn"
          at={item.at}
          head={<Line text={item.detail ?? item.reason} tone="text-warn" />}
        />
      );
    case 'skipped':
      return <Frame icon="skip" tone="text-warn" at={item.at} head={<Line text={item.reason} tone="text-warn" />} />;
    case 'preparing':
      return (
        <Frame
          icon="file"
          at={item.at}
          head={<Line text={cleanText(`${item.step} · ${item.status} · ${item.detail}`)} />}
        />
      );
    case 'refused': {
      const host = cleanText(`${item.host}:${item.port}`);
      return (
        <Frame icon="lock" tone="text-warn" at={item.at} head={<Line text={cleanText(item.reason)} />}>
          <Denial text={run.refusedText(host)} hint={cleanText(item.hint)} agentId={agentId} />
        </Frame>
      );
    }
    case 'end':
      return <End end={item.end} />;
  }
};

/** What is being written at this moment. */
export const WritingItem = ({ writing }: { readonly writing: Writing }) => {
  const { run } = useWords();
  return (
    <div className="flex gap-3 px-4 py-1.5 sm:px-5" aria-hidden="true">
      <span className="mt-0.5 text-accent">
        <Icon name="spinner" className="animate-spin" />
      </span>
      <div className="min-w-0 flex-1">
        {writing.kind === 'text' ? (
          <Markdown text={writing.text} />
        ) : (
          <p className="font-mono text-xs text-dim [overflow-wrap:anywhere]">
            {writing.kind === 'thinking' ? run.thinking : run.arguments}: {cleanText(writing.text.slice(-200))}
          </p>
        )}
      </div>
    </div>
  );
};
