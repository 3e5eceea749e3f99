import { type FormEvent, type KeyboardEvent, type Ref, useId } from 'react';
import { useWords } from '../../words/words.ts';
import { buttonClass } from '../button.tsx';

interface ComposerProps {
  readonly field: Ref<HTMLTextAreaElement>;
  readonly value: string;
  readonly busy: boolean;
  readonly onChange: (value: string) => void;
  readonly onSend: () => void;
}

/** Where one writes. Enter sends, Shift and Enter begin a line. */
export const Composer = ({ field, value, busy, onChange, onSend }: ComposerProps) => {
  const words = useWords();
  const id = useId();
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (value.trim() !== '' && !busy) onSend();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While a syllable is being composed, Enter ends the syllable.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
  };
  return (
    <form onSubmit={send} className="border-t border-line bg-panel p-3 sm:px-5">
      <div className="mx-auto flex max-w-3xl items-end gap-2">
        <label htmlFor={id} className="sr-only">
          {words.chat.message}
        </label>
        <textarea
          id={id}
          ref={field}
          rows={Math.min(8, Math.max(2, value.split('\n').length))}
          value={value}
          placeholder={words.chat.placeholder}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={onKeyDown}
          className="min-w-0 flex-1 resize-none rounded-lg border border-strong-line bg-bg px-3 py-2 placeholder:text-dim"
        />
        <button type="submit" disabled={busy || value.trim() === ''} className={buttonClass('primary')}>
          {words.actions.send}
        </button>
      </div>
    </form>
  );
};
