/** The keys of the whole page: g and a letter goes places, j and k walk over rows, ? shows help. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

/** Where `g` and the letter go. */
export const PLACES = {
  h: '/',
  c: '/chat',
  a: '/agents',
  r: '/runs',
  u: '/usage',
  s: '/settings',
} as const;

const CHORD_MS = 1_200;
const ROW = 'main [data-row]';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    target.closest('dialog') !== null);

/** Moves the focus to the next row, or to the one before; the first when none has it. */
const walk = (step: 1 | -1): void => {
  const rows = [...document.querySelectorAll<HTMLElement>(ROW)];
  const current = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[current === -1 ? 0 : current + step];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
};

interface Handlers {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
  readonly onTheme: () => void;
}

/** Listens to the keys; what is typed into a field is left alone, but for the palette's key. */
export const useKeyboard = ({ onPalette, onHelp, onTheme }: Handlers): void => {
  const navigate = useNavigate();
  const chordAt = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        onPalette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (Date.now() - chordAt.current < CHORD_MS) {
        chordAt.current = 0;
        const place = Object.entries(PLACES).find(([letter]) => letter === key)?.[1];
        if (place === undefined) return;
        event.preventDefault();
        navigate({ to: place });
        return;
      }
      if (key === 'g') chordAt.current = Date.now();
      else if (key === 'j') walk(1);
      else if (key === 'k') walk(-1);
      else if (event.key === '?') onHelp();
      else if (event.key === '/') onPalette();
      else if (key === 't') onTheme();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [navigate, onPalette, onHelp, onTheme]);
};
