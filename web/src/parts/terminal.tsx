import { useMemo, useState } from 'react';
import { parseAnsi } from '../lib/ansi.ts';
import { formatWhole } from '../lib/format.ts';
import { useLanguage } from '../lib/preferences.ts';
import { useWords } from '../words/words.ts';

const SHOWN_LINES = 24;
const SHOWN_CHARACTERS = 4_000;
/** More is not laid out even when it is asked for: it can be downloaded with the raw output. */
const MOST_CHARACTERS = 200_000;

const cut = (text: string): string => {
  const lines = text.slice(0, SHOWN_CHARACTERS).split('\n', SHOWN_LINES + 1);
  return lines.slice(0, SHOWN_LINES).join('\n');
};

/** What a program printed: colours kept, everything else that a terminal would obey dropped. */
export const Terminal = ({
  text,
  label,
  tone = '',
}: {
  readonly text: string;
  readonly label: string;
  readonly tone?: string;
}) => {
  const words = useWords();
  const language = useLanguage();
  const [all, setAll] = useState(false);
  const short = useMemo(() => cut(text), [text]);
  const long = short.length < text.length;
  const shown = all ? text.slice(0, MOST_CHARACTERS) : short;
  const pieces = useMemo(() => parseAnsi(shown), [shown]);
  if (text === '') return null;
  return (
    <div className="overflow-hidden rounded-md border border-line bg-bg">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className={`scroll-thin max-h-96 overflow-auto px-3 py-2 font-mono text-xs leading-5 whitespace-pre-wrap [overflow-wrap:anywhere] ${tone}`}
      >
        {pieces.map((piece, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move
            key={index}
            className={[
              piece.color === null ? '' : `fg-${piece.color}`,
              piece.bold ? 'font-semibold' : '',
              piece.italic ? 'italic' : '',
              piece.underline ? 'underline' : '',
              piece.inverse ? 'bg-ansi' : '',
            ].join(' ')}
          >
            {piece.text}
          </span>
        ))}
      </section>
      {long ? (
        <button
          type="button"
          onClick={() => setAll(!all)}
          className="w-full border-t border-line px-3 py-1 text-left text-xs font-medium text-accent hover:bg-raised"
        >
          {all ? words.actions.less : words.actions.more}
          <span className="ml-2 font-normal text-dim">
            {words.run.lines(formatWhole(text.split('\n').length, language))}
          </span>
        </button>
      ) : null}
    </div>
  );
};
