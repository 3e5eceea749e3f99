import type { ButtonHTMLAttributes } from 'react';
import { Icon, type IconName } from './icons.tsx';

type Kind = 'plain' | 'primary' | 'danger' | 'quiet';

const KINDS: { readonly [Key in Kind]: string } = {
  plain: 'border border-line bg-panel hover:bg-raised text-ink',
  primary: 'border border-transparent bg-accent text-on-accent hover:opacity-90',
  danger: 'border border-line bg-panel hover:bg-raised text-bad',
  quiet: 'border border-transparent hover:bg-raised text-dim hover:text-ink',
};

/** Classes of whatever looks like a button, links included. */
export const buttonClass = (kind: Kind = 'plain'): string =>
  `inline-flex h-8 pointer-coarse:h-10 items-center justify-center gap-1.5 rounded-md px-2.5 text-sm font-medium whitespace-nowrap select-none transition-colors disabled:opacity-50 ${KINDS[kind]}`;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: Kind;
  readonly icon?: IconName;
}

export const Button = ({ kind = 'plain', icon, children, className = '', ...rest }: ButtonProps) => (
  <button type="button" {...rest} className={`${buttonClass(kind)} ${className}`}>
    {icon === undefined ? null : <Icon name={icon} />}
    {children}
  </button>
);

/** A button that is an icon alone; `label` is its name. */
export const IconButton = ({
  label,
  icon,
  ...rest
}: ButtonProps & { readonly label: string; readonly icon: IconName }) => (
  <button
    type="button"
    {...rest}
    aria-label={label}
    title={label}
    className="inline-grid size-8 pointer-coarse:size-10 place-items-center rounded-md text-dim hover:bg-raised hover:text-ink"
  >
    <Icon name={icon} />
  </button>
);
