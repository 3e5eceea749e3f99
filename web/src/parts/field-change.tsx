import { cleanText } from '../lib/ansi.ts';
import { diffLines, withContext } from '../lib/line-diff.ts';
import { labelOf, wordFor } from '../words/field-labels.ts';
import { useWords } from '../words/words.ts';
import { DiffLines } from './diff-view.tsx';
import { Icon } from './icons.tsx';

interface FieldChangeProps {
  /** As the API calls it. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const INLINE = 60;
const isShort = (text: string): boolean => text.length <= INLINE && !text.includes('\n');

/** One field before and after: short values side by side, longer ones line by line. */
export const FieldChange = ({ field, before: old, after: now }: FieldChangeProps) => {
  const words = useWords();
  const before = wordFor(words, field, old);
  const after = wordFor(words, field, now);
  const label = cleanText(labelOf(words, field));
  if (isShort(before) && isShort(after)) {
    return (
      <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5 rounded-md border border-line bg-bg px-3 py-1.5">
        <span className="mr-1 text-xs text-dim">{label}</span>
        {before === '' ? (
          <span className="text-xs text-dim">{words.agents.nothing}</span>
        ) : (
          <del className="font-mono text-xs text-bad">{cleanText(before)}</del>
        )}
        <Icon name="arrow" className="size-3 text-dim" />
        {after === '' ? (
          <span className="text-xs text-dim">{words.agents.nothing}</span>
        ) : (
          <ins className="font-mono text-xs text-good no-underline">{cleanText(after)}</ins>
        )}
      </p>
    );
  }
  return (
    <div className="overflow-hidden rounded-md border border-line bg-bg">
      <p className="border-b border-line px-3 py-1 text-xs text-dim">{label}</p>
      <DiffLines lines={withContext(diffLines(before, after))} label={`${words.chat.difference}: ${label}`} />
    </div>
  );
};
