import { dismiss, useToasts } from '../lib/toasts.ts';
import { useWords } from '../words/words.ts';
import { IconButton } from './button.tsx';

/** The notices, read out politely. */
export const Toasts = () => {
  const words = useWords();
  const toasts = useToasts();
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed inset-x-3 bottom-16 z-50 flex flex-col items-center gap-2 md:inset-x-auto md:right-5 md:bottom-5 md:items-end"
    >
      {toasts.map((toast) => (
        <div
          key={toast.id}
          className={`pointer-events-auto flex max-w-md items-center gap-2 rounded-lg border border-line bg-panel py-1.5 pr-1.5 pl-3.5 shadow-lg ${toast.tone === 'bad' ? 'text-bad' : ''}`}
        >
          <span className="break-words">{toast.text}</span>
          {toast.undo === null ? null : (
            <button
              type="button"
              onClick={toast.undo}
              className="rounded-md px-2 py-1 font-semibold text-accent hover:bg-raised"
            >
              {words.actions.undo}
            </button>
          )}
          <IconButton label={words.actions.close} icon="cross" onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
};
