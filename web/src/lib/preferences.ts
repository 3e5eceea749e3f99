/** What a person chose for this browser: theme and language. Kept in local storage where there is one. */
import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'ko';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** A value of local storage; null when there is none, or no storage. */
export const readKept = (name: string): string | null => {
  try {
    return localStorage.getItem(`slipway.${name}`);
  } catch {
    return null;
  }
};

/** Keeps a value, or forgets it with null; a browser without storage forgets it with the page. */
export const keep = (name: string, value: string | null): void => {
  try {
    if (value === null) localStorage.removeItem(`slipway.${name}`);
    else localStorage.setItem(`slipway.${name}`, value);
  } catch {
    // Storage is switched off or full: the choice holds until the page is left.
  }
};

const listeners = new Set<() => void>();
const systemDark = matchMedia('(prefers-color-scheme: dark)');
let theme: Theme = THEMES.find((one) => one === readKept('theme')) ?? 'system';
let language: Language = (readKept('language') ?? navigator.language).startsWith('ko') ? 'ko' : 'en';

const apply = (): void => {
  const dark = theme === 'dark' || (theme === 'system' && systemDark.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.documentElement.lang = language;
  for (const tell of listeners) tell();
};
systemDark.addEventListener('change', apply);

export const setTheme = (next: Theme): void => {
  theme = next;
  keep('theme', next === 'system' ? null : next);
  apply();
};

export const setLanguage = (next: Language): void => {
  language = next;
  keep('language', next);
  apply();
};

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => {
    listeners.delete(tell);
  };
};

/** The language of the page at this moment. */
export const currentLanguage = (): Language => language;

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => theme);
export const useLanguage = (): Language => useSyncExternalStore(subscribe, () => language);
