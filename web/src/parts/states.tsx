/** What a page shows when it has nothing to show: not yet, not any more, or not at all. */
import type { ReactNode } from 'react';
import { messageOf } from '../data/api.ts';
import { useWords } from '../words/words.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icons.tsx';

export const Empty = ({
  icon = 'info',
  title,
  children,
}: {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}) => (
  <div className="flex flex-col items-center gap-2 px-6 py-10 text-center">
    <span className="grid size-9 place-items-center rounded-full bg-raised text-dim">
      <Icon name={icon} />
    </span>
    <p className="max-w-md text-dim">{title}</p>
    {children}
  </div>
);

/** Grey lines where text will be. */
export const Loading = ({ lines = 3 }: { readonly lines?: number }) => {
  const words = useWords();
  return (
    <div role="status" className="flex flex-col gap-3 p-4">
      <span className="sr-only">{words.states.loading}</span>
      {Array.from({ length: lines }, (_, line) => `line ${line}`).map((line, index) => (
        <div key={line} className={`h-3.5 animate-pulse rounded bg-raised ${index % 3 === 2 ? 'w-1/2' : 'w-full'}`} />
      ))}
    </div>
  );
};

export const Failed = ({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) => {
  const words = useWords();
  return (
    <div role="alert" className="flex flex-col items-center gap-3 px-6 py-10 text-center">
      <span className="grid size-9 place-items-center rounded-full bg-raised text-bad">
        <Icon name="alert" />
      </span>
      <p className="font-medium">{words.states.failed}</p>
      <p className="max-w-lg break-words text-dim">{messageOf(error)}</p>
      {onRetry === undefined ? null : (
        <Button icon="retry" onClick={onRetry}>
          {words.actions.tryAgain}
        </Button>
      )}
    </div>
  );
};
