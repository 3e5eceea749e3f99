import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { isUnauthenticated } from '../data/api.ts';
import { useReachable } from '../data/connection.ts';
import { meQuery } from '../data/queries.ts';
import { setLanguage, setTheme, useLanguage } from '../lib/preferences.ts';
import { SignIn } from '../pages/sign-in.tsx';
import { useWords } from '../words/words.ts';
import { IconButton } from './button.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { Icon, type IconName } from './icons.tsx';
import { useKeyboard } from './keyboard.ts';
import { Palette } from './palette.tsx';
import { ShortcutsDialog } from './shortcuts.tsx';
import { Toasts } from './toasts.tsx';

const PLACES = [
  { to: '/', name: 'home' },
  { to: '/chat', name: 'chat' },
  { to: '/agents', name: 'agents' },
  { to: '/runs', name: 'runs' },
  { to: '/usage', name: 'usage' },
  { to: '/settings', name: 'settings' },
] as const satisfies readonly { to: string; name: IconName }[];

const toggleTheme = (): void => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');

const DemoMark = () => {
  const words = useWords();
  const { data: me } = useQuery(meQuery);
  if (me?.demo !== true) return null;
  return (
    <span
      title={words.demo.explain}
      className="inline-flex items-center gap-1.5 rounded-full border border-warn/40 whitespace-nowrap bg-warn/10 px-2.5 py-0.5 text-xs font-semibold text-warn"
    >
      <Icon name="info" className="size-3.5" />
      {words.demo.mark}
      <span className="sr-only">. {words.demo.explain}</span>
    </span>
  );
};

const OfflineBanner = () => {
  const words = useWords();
  const reachable = useReachable();
  return (
    <div role="status" aria-live="polite">
      {reachable ? null : (
        <p className="flex items-center gap-2 border-b border-warn/40 bg-warn/10 px-4 py-2 text-sm text-warn sm:px-6">
          <Icon name="alert" />
          {words.states.offline}
        </p>
      )}
    </div>
  );
};

const Brand = () => (
  <Link to="/" className="flex items-center gap-2 rounded-md px-1 py-1 text-lg font-semibold tracking-tight">
    <img src="/ui/icon.svg" alt="" className="size-6" />
    <span className="max-md:sr-only">Slipway</span>
  </Link>
);

const LanguageButton = () => {
  const language = useLanguage();
  const other = language === 'en' ? 'ko' : 'en';
  return (
    <button
      type="button"
      lang={other}
      onClick={() => setLanguage(other)}
      className="inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-xs whitespace-nowrap font-medium text-dim hover:bg-raised hover:text-ink pointer-coarse:h-10"
    >
      <Icon name="globe" />
      {other === 'ko' ? '한국어' : 'English'}
    </button>
  );
};

const Tools = ({ onPalette, onHelp }: { readonly onPalette: () => void; readonly onHelp: () => void }) => {
  const words = useWords();
  return (
    <div className="flex items-center gap-0.5">
      <IconButton label={`${words.keys.palette} (Ctrl K)`} icon="search" onClick={onPalette} />
      <span className="max-md:hidden">
        <IconButton label={`${words.keys.title} (?)`} icon="info" onClick={onHelp} />
      </span>
      <span className="dark:hidden">
        <IconButton label={`${words.theme.label}: ${words.theme.dark}`} icon="moon" onClick={toggleTheme} />
      </span>
      <span className="hidden dark:inline">
        <IconButton label={`${words.theme.label}: ${words.theme.light}`} icon="sun" onClick={toggleTheme} />
      </span>
      <LanguageButton />
    </div>
  );
};

/** Beside the page on a desktop, below it on a phone. */
const Navigation = () => {
  const words = useWords();
  return (
    <nav
      aria-label={words.menu}
      className="z-30 order-last border-t border-line bg-panel max-md:pb-[env(safe-area-inset-bottom)] md:order-none md:w-52 md:shrink-0 md:border-t-0 md:border-r md:px-3 md:py-4"
    >
      <div className="mb-4 hidden px-1 md:block">
        <Brand />
      </div>
      <ul className="flex justify-around md:flex-col md:gap-0.5">
        {PLACES.map(({ to, name }) => (
          <li key={to} className="max-md:flex-1">
            <Link
              to={to}
              activeOptions={{ exact: to === '/' }}
              className="flex items-center gap-2.5 rounded-md text-dim hover:bg-raised hover:text-ink aria-[current=page]:bg-raised aria-[current=page]:font-medium aria-[current=page]:text-ink max-md:flex-col max-md:gap-0.5 max-md:rounded-none max-md:py-2 max-md:text-[0.6875rem] max-md:aria-[current=page]:bg-transparent max-md:aria-[current=page]:text-accent md:px-2.5 md:py-1.5"
            >
              <Icon name={name} />
              {words.pages[name]}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
};

/** A page that was gone to begins at its top, and is read from there; the first one is where the browser begins. */
const useFreshPage = () => {
  const main = useRef<HTMLElement>(null);
  // Once a location is resolved it has its final form; before, it may still be rewritten.
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const shown = useRef(path);
  useEffect(() => {
    const before = shown.current;
    shown.current = path;
    if (before === undefined || path === undefined || before === path) return;
    main.current?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
};

/** The frame around every page. */
export const Shell = () => {
  const words = useWords();
  const [open, setOpen] = useState<'palette' | 'help' | null>(null);
  const close = useCallback(() => setOpen(null), []);
  const onPalette = useCallback(() => setOpen('palette'), []);
  const onHelp = useCallback(() => setOpen('help'), []);
  const main = useFreshPage();
  const me = useQuery(meQuery);
  useKeyboard({ onPalette, onHelp, onTheme: toggleTheme });
  if (isUnauthenticated(me.error)) return <SignIn />;
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-panel focus:px-3 focus:py-2"
      >
        {words.skip}
      </a>
      <Navigation />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex h-12 shrink-0 items-center justify-between gap-3 border-b border-line bg-panel px-3 sm:px-4">
          <div className="flex items-center gap-3">
            <span className="md:hidden">
              <Brand />
            </span>
            <DemoMark />
          </div>
          <Tools onPalette={onPalette} onHelp={onHelp} />
        </header>
        <OfflineBanner />
        <main ref={main} id="main" tabIndex={-1} className="scroll-thin min-h-0 flex-1 overflow-y-auto outline-none">
          <ErrorBoundary>
            <Outlet />
          </ErrorBoundary>
        </main>
      </div>
      <Toasts />
      {open === 'palette' ? <Palette onClose={close} /> : null}
      {open === 'help' ? <ShortcutsDialog onClose={close} /> : null}
    </div>
  );
};
