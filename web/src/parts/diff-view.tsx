import { useState } from 'react';
import { cleanText } from '../lib/ansi.ts';
import type { FileDiff } from '../lib/unified-diff.ts';
import { useWords } from '../words/words.ts';

const SHOWN_LINES = 400;

const LOOKS = {
  same: { sign: ' ', look: '' },
  added: { sign: '+', look: 'bg-good/12 text-good' },
  removed: { sign: '-', look: 'bg-bad/12 text-bad' },
  hunk: { sign: '', look: 'bg-raised text-dim' },
} as const;

/** Lines that were added and removed: told apart by their sign as well as by their colour. */
export const DiffLines = ({ lines, label }: { readonly lines: FileDiff['lines']; readonly label: string }) => {
  const words = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? lines : lines.slice(0, SHOWN_LINES);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label={label} tabIndex={0} className="scroll-thin overflow-x-auto py-1 font-mono text-xs leading-5">
        <div className="min-w-max">
          {shown.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text never move
            <div key={index} className={`px-3 whitespace-pre ${LOOKS[line.kind].look}`}>
              <span className="inline-block w-4 select-none">{LOOKS[line.kind].sign}</span>
              {cleanText(line.text)}
            </div>
          ))}
        </div>
      </section>
      {lines.length > shown.length ? (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="w-full border-t border-line px-3 py-1 text-left text-xs font-medium text-accent hover:bg-raised"
        >
          {words.actions.more} ({lines.length})
        </button>
      ) : null}
    </>
  );
};
