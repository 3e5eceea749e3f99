import { notify } from '../lib/toasts.ts';
import { useWords } from '../words/words.ts';
import { IconButton } from './button.tsx';

/** Copies a text; `label` says which. */
export const CopyButton = ({ text, label }: { readonly text: string; readonly label: string }) => {
  const words = useWords();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      notify(words.actions.copied);
    } catch {
      // Not allowed here (no secure context): the text is on the page, and can be selected.
      notify(text);
    }
  };
  return <IconButton label={label} icon="copy" onClick={copy} />;
};
