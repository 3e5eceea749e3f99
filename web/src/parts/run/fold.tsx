import type { ReactNode } from 'react';
import { Icon } from '../icons.tsx';

interface FoldProps {
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
  readonly className?: string;
  readonly children: ReactNode;
}

/** The head of an item that opens and closes its body: a button that says its state, and a chevron that shows it. */
export const Fold = ({ open, onToggle, className = '', children }: FoldProps) => (
  <button
    type="button"
    aria-expanded={open}
    onClick={() => onToggle(!open)}
    className={`flex max-w-full items-center gap-2 rounded text-left ${className}`}
  >
    {children}
    <Icon name="chevron" className={`size-3 shrink-0 text-dim transition-transform ${open ? 'rotate-90' : ''}`} />
  </button>
);
