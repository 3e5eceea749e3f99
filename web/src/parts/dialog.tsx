import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useWords } from '../words/words.ts';
import { IconButton } from './button.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly titleHidden?: boolean;
}

/** A modal dialog: the browser keeps the focus inside, closes it with Escape, and gives the focus back. */
export const Dialog = ({ title, onClose, children, titleHidden = false }: DialogProps) => {
  const words = useWords();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is on the ground behind; Escape is the browser's own key for it
    <dialog
      ref={ref}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className="m-auto mt-[12vh] w-[min(36rem,calc(100vw-2rem))] rounded-xl border border-line bg-panel p-0 text-ink shadow-2xl"
    >
      <div
        className={titleHidden ? 'sr-only' : 'flex items-center justify-between border-b border-line py-2 pr-2 pl-4'}
      >
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {titleHidden ? null : <IconButton label={words.actions.close} icon="cross" onClick={onClose} />}
      </div>
      {children}
    </dialog>
  );
};
