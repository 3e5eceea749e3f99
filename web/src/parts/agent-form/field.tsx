import { type ReactNode, useId } from 'react';

interface Slot {
  readonly id: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly fault: string | undefined;
  readonly children: (slot: Slot) => ReactNode;
}

export const INPUT =
  'w-full rounded-md border border-strong-line bg-bg px-2.5 py-1.5 text-sm aria-invalid:border-bad placeholder:text-dim';

/** A field with its name, what it is for, and what is wrong with it. */
export const Field = ({ label, hint, fault, children }: FieldProps) => {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({ id, 'aria-invalid': fault !== undefined, 'aria-describedby': `${id}-more` })}
      <p id={`${id}-more`} className={`text-xs ${fault === undefined ? 'text-dim' : 'text-bad'}`}>
        {fault ?? hint}
      </p>
    </div>
  );
};
