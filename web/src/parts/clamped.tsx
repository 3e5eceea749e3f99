import { useEffect, useRef, useState } from 'react';
import { useWords } from '../words/words.ts';

/** Text that shows four lines at first; the rest opens wherever there is more, however long its lines come out here. */
export const Clamped = ({ text }: { readonly text: string }) => {
  const words = useWords();
  const [all, setAll] = useState(false);
  const [more, setMore] = useState(false);
  const shown = useRef<HTMLParagraphElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is another height
  useEffect(() => {
    const box = shown.current;
    if (box === null || all) return;
    const measure = (): void => setMore(box.scrollHeight > box.clientHeight);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(box);
    return () => watch.disconnect();
  }, [text, all]);
  return (
    <div>
      <p ref={shown} className={`whitespace-pre-wrap [overflow-wrap:anywhere] ${all ? '' : 'line-clamp-4'}`}>
        {text}
      </p>
      {more ? (
        <button
          type="button"
          aria-expanded={all}
          onClick={() => setAll(!all)}
          className="mt-1 text-xs font-medium text-accent"
        >
          {all ? words.actions.less : words.actions.more}
        </button>
      ) : null}
    </div>
  );
};
