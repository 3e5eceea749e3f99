import type { Said as Words } from '../words/said.ts';

interface SaidProps {
  readonly said: Words;
  readonly className?: string;
}

/** What the server says, its English beneath where the text is a translation of it. */
export const Said = ({ said, className = '' }: SaidProps) => (
  <>
    <p className={`[overflow-wrap:anywhere] ${className}`}>{said.text}</p>
    {said.detail === null ? null : (
      <p lang="en" className="mt-0.5 text-xs text-dim [overflow-wrap:anywhere]">
        {said.detail}
      </p>
    )}
  </>
);
