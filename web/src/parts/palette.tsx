import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { agentsQuery } from '../data/queries.ts';
import { useWords } from '../words/words.ts';
import { Dialog } from './dialog.tsx';
import { Icon, type IconName } from './icons.tsx';

interface Choice {
  readonly key: string;
  readonly icon: IconName;
  readonly label: string;
  readonly kind: string;
  readonly go: () => void;
}

const MOST = 12;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const useChoices = (typed: string): readonly Choice[] => {
  const words = useWords();
  const navigate = useNavigate();
  const agents = useQuery(agentsQuery).data ?? [];
  const { pages, palette } = words;
  const wanted = typed.trim().toLowerCase();
  const all: readonly Choice[] = [
    { key: 'home', icon: 'home', label: pages.home, kind: palette.page, go: () => navigate({ to: '/' }) },
    { key: 'chat', icon: 'chat', label: pages.chat, kind: palette.page, go: () => navigate({ to: '/chat' }) },
    { key: 'agents', icon: 'agents', label: pages.agents, kind: palette.page, go: () => navigate({ to: '/agents' }) },
    { key: 'runs', icon: 'runs', label: pages.runs, kind: palette.page, go: () => navigate({ to: '/runs' }) },
    { key: 'usage', icon: 'usage', label: pages.usage, kind: palette.page, go: () => navigate({ to: '/usage' }) },
    {
      key: 'settings',
      icon: 'settings',
      label: pages.settings,
      kind: palette.page,
      go: () => navigate({ to: '/settings' }),
    },
    {
      key: 'new',
      icon: 'plus',
      label: words.actions.newAgent,
      kind: palette.action,
      go: () => navigate({ to: '/agents/new' }),
    },
    ...agents.map(
      (agent): Choice => ({
        key: agent.id,
        icon: 'agents',
        label: agent.name,
        kind: palette.agent,
        go: () => navigate({ to: '/agents/$agentId', params: { agentId: agent.id } }),
      }),
    ),
  ];
  const run: readonly Choice[] = UUID.test(wanted)
    ? [
        {
          key: wanted,
          icon: 'runs',
          label: wanted,
          kind: palette.run,
          go: () => navigate({ to: '/runs/$runId', params: { runId: wanted } }),
        },
      ]
    : [];
  // A name that begins with the letters is meant more often than one that only holds them.
  const rank = ({ label }: Choice): number => (label.toLowerCase().startsWith(wanted) ? 0 : 1);
  const fitting = all.filter(({ label }) => label.toLowerCase().includes(wanted));
  return [...run, ...fitting.toSorted((a, b) => rank(a) - rank(b))].slice(0, MOST);
};

/** Goes to anything by a few letters of its name: a list box, as the ARIA practices describe one. */
export const Palette = ({ onClose }: { readonly onClose: () => void }) => {
  const words = useWords();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const choices = useChoices(typed);
  const chosen = choices[Math.min(at, choices.length - 1)];
  const take = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    onClose();
    choice.go();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((choices.length + Math.min(at, choices.length - 1) + step) % Math.max(1, choices.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(chosen);
    }
  };
  return (
    <Dialog title={words.palette.title} titleHidden onClose={onClose}>
      <div className="flex items-center gap-2 border-b border-line px-4">
        <Icon name="search" className="text-dim" />
        <input
          autoFocus
          role="combobox"
          aria-label={words.palette.title}
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen.key}`}
          value={typed}
          placeholder={words.palette.placeholder}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          className="h-12 w-full bg-transparent text-lg outline-none placeholder:text-dim"
        />
      </div>
      <div id={id} role="listbox" aria-label={words.palette.title} className="max-h-80 overflow-y-auto p-1.5">
        {choices.map((choice) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above, which keeps the focus
          <div
            key={choice.key}
            id={`${id}-${choice.key}`}
            role="option"
            tabIndex={-1}
            aria-selected={choice === chosen}
            onClick={() => take(choice)}
            className={`flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 ${choice === chosen ? 'bg-raised' : ''}`}
          >
            <Icon name={choice.icon} className="text-dim" />
            <span className="truncate">{choice.label}</span>
            <span className="ml-auto text-xs text-dim">{choice.kind}</span>
          </div>
        ))}
        {choices.length === 0 ? <p className="p-3 text-dim">{words.palette.none}</p> : null}
      </div>
    </Dialog>
  );
};
