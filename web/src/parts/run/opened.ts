/** Which items of a transcript are open: kept outside of them, since items out of sight do not exist. */
import { createContext, use, useState } from 'react';

export const Opened = createContext<Map<string, boolean>>(new Map());

export const useOpened = (key: string, first: boolean): readonly [boolean, (open: boolean) => void] => {
  const kept = use(Opened);
  const [open, setOpen] = useState(kept.get(key) ?? first);
  return [
    open,
    (next) => {
      kept.set(key, next);
      setOpen(next);
    },
  ];
};
