/** Short notices. What can be undone is done only when its notice goes: until then nothing has happened. */
import { useSyncExternalStore } from 'react';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'bad';
  /** Takes back what the notice tells. */
  readonly undo: (() => void) | null;
}

const SHOWN_MS = 5_000;
const UNDO_MS = 8_000;
const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let lastId = 0;
const pending = new Map<number, () => void>();

const change = (next: readonly Toast[]): void => {
  toasts = next;
  for (const tell of listeners) tell();
};

export const dismiss = (id: number): void => {
  change(toasts.filter((toast) => toast.id !== id));
  const commit = pending.get(id);
  pending.delete(id);
  commit?.();
};

const show = (text: string, tone: Toast['tone'], undo: Toast['undo'], ms: number): number => {
  lastId += 1;
  const id = lastId;
  change([...toasts, { id, text, tone, undo }].slice(-4));
  setTimeout(() => dismiss(id), ms);
  return id;
};

export const notify = (text: string, tone: Toast['tone'] = 'plain'): void => {
  show(text, tone, null, SHOWN_MS);
};

/** Offers to undo: `commit` runs when the time for that is over, or when the page is left; `undo` in its place. */
export const offerUndo = (text: string, commit: () => void, undo: () => void): void => {
  const id = show(
    text,
    'plain',
    () => {
      pending.delete(id);
      change(toasts.filter((toast) => toast.id !== id));
      undo();
    },
    UNDO_MS,
  );
  pending.set(id, commit);
};

addEventListener('pagehide', () => {
  for (const commit of pending.values()) commit();
  pending.clear();
});

export const useToasts = (): readonly Toast[] =>
  useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => {
        listeners.delete(tell);
      };
    },
    () => toasts,
  );
