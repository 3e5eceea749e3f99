/** Deletions that can be taken back: the server is told when the time for that is over, or when the page is left. */
import { offerUndo } from '../lib/toasts.ts';
import { isMissing } from './api.ts';
import { notifyError } from './notify-error.ts';

/** What was deleted on this page and may still be taken back. */
const leaving = new Set<string>();

/** Whether a list, asked for meanwhile, has to leave this one out: the server still has it. */
export const isLeaving = (id: string): boolean => leaving.has(id);

interface Removal {
  readonly id: string;
  /** Says that it is gone. */
  readonly text: string;
  /** Tells the server; has to outlive the page. */
  readonly commit: () => Promise<void>;
  /** Shows what there is now. */
  readonly refresh: () => Promise<void>;
}

export const removeLater = ({ id, text, commit, refresh }: Removal): void => {
  leaving.add(id);
  const settle = (): void => {
    leaving.delete(id);
    void refresh();
  };
  const tell = (): void => {
    commit()
      .catch((error: unknown) => {
        // Somebody else was quicker.
        if (!isMissing(error)) notifyError(error);
      })
      .finally(settle);
  };
  offerUndo(text, tell, settle);
};
