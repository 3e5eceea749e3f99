/** Whether the server answered the last request that was made. */
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let reachable = true;

export const noteReachable = (next: boolean): void => {
  if (next === reachable) return;
  reachable = next;
  for (const tell of listeners) tell();
};

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => {
    listeners.delete(tell);
  };
};

export const useReachable = (): boolean => useSyncExternalStore(subscribe, () => reachable);
