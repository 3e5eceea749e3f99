import { type ReactNode, useId } from 'react';

interface PanelProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A titled box, and a region with that name. */
export const Panel = ({ title, aside, children, className = '' }: PanelProps) => {
  const id = useId();
  return (
    <section aria-labelledby={id} className={`rounded-lg border border-line bg-panel ${className}`}>
      <header className="flex min-h-10 items-center justify-between gap-3 border-b border-line px-3.5 py-1.5">
        <h2 id={id} className="text-sm font-semibold">
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  );
};

/** The head of a page: its name, and what can be done there. */
export const PageHeader = ({
  title,
  children,
  above,
}: {
  readonly title: ReactNode;
  readonly above?: ReactNode;
  readonly children?: ReactNode;
}) => (
  <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-4">
    <div className="min-w-0">
      {above}
      <h1 className="truncate text-xl font-semibold tracking-tight">{title}</h1>
    </div>
    {children === undefined ? null : <div className="flex flex-wrap items-center gap-2">{children}</div>}
  </header>
);

/** A page with a margin, that scrolls. */
export const Page = ({ children, wide = false }: { readonly children: ReactNode; readonly wide?: boolean }) => (
  <div className={`mx-auto w-full px-4 py-5 sm:px-6 ${wide ? 'max-w-[96rem]' : 'max-w-6xl'}`}>{children}</div>
);
