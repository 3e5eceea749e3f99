import { useWords } from '../words/words.ts';
import { Dialog } from './dialog.tsx';

const Key = ({ children }: { readonly children: string }) => (
  <kbd className="rounded border border-strong-line bg-raised px-1.5 py-0.5 font-mono text-xs">{children}</kbd>
);

/** The keys, and what they do. */
export const ShortcutList = () => {
  const { keys } = useWords();
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['⌘/Ctrl', 'K'], keys.palette],
    [['j'], keys.next],
    [['k'], keys.previous],
    [['Enter'], keys.open],
    [['g', 'h'], keys.goHome],
    [['g', 'c'], keys.goChat],
    [['g', 'a'], keys.goAgents],
    [['g', 'r'], keys.goRuns],
    [['g', 'u'], keys.goUsage],
    [['g', 's'], keys.goSettings],
    [['t'], keys.theme],
    [['?'], keys.help],
  ];
  return (
    <dl className="grid gap-x-8 gap-y-1.5 p-4 sm:grid-cols-2">
      {rows.map(([names, meaning]) => (
        <div key={meaning} className="flex items-center justify-between gap-4">
          <dt className="text-dim">{meaning}</dt>
          <dd className="flex gap-1">
            {names.map((name) => (
              <Key key={name}>{name}</Key>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
};

export const ShortcutsDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const words = useWords();
  return (
    <Dialog title={words.keys.title} onClose={onClose}>
      <ShortcutList />
    </Dialog>
  );
};
