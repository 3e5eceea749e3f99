import { cleanText } from '../../lib/ansi.ts';
import type { EndEvent } from '../../lib/transcript.ts';
import { useWords } from '../../words/words.ts';
import { Markdown } from '../markdown.tsx';
import { type RunStatus, Status } from '../status.tsx';
import { Terminal } from '../terminal.tsx';

const STATUS: { readonly [Type in EndEvent['type']]: RunStatus } = {
  'run.succeeded': 'succeeded',
  'run.failed': 'failed',
  'run.timed_out': 'timed_out',
  'run.cancelled': 'cancelled',
};

/** How the run ended, and what it leaves: the result, or what went wrong and what to do. */
export const End = ({ end }: { readonly end: EndEvent }) => {
  const words = useWords();
  const { data } = end;
  const structured = data.result?.structured;
  return (
    <div className="px-4 py-2 sm:px-5">
      <div className="rounded-lg border border-line bg-bg p-3.5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Status status={STATUS[end.type]} />
          <span className="text-dim">{words.stop[data.stopReason]}</span>
        </div>
        {data.error === undefined ? null : (
          <div className="mt-2">
            <p className="font-medium [overflow-wrap:anywhere]">{cleanText(data.error.message)}</p>
            {data.error.hint === undefined ? null : <p className="mt-0.5 text-dim">{cleanText(data.error.hint)}</p>}
          </div>
        )}
        {data.result === undefined || data.result.text === '' ? null : (
          <div className="mt-2">
            <Markdown text={data.result.text} />
          </div>
        )}
        {structured === undefined ? null : (
          <div className="mt-2">
            <Terminal text={JSON.stringify(structured, null, 2)} label={words.run.structured} />
          </div>
        )}
      </div>
    </div>
  );
};
