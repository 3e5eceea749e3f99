import { useQuery, useQueryClient } from '@tanstack/react-query';
import { signIn } from '../data/api.ts';
import { meQuery } from '../data/queries.ts';
import { formatDuration } from '../lib/format.ts';
import { type Language, setLanguage, setTheme, type Theme, useLanguage, useTheme } from '../lib/preferences.ts';
import { Button } from '../parts/button.tsx';
import { Page, PageHeader, Panel } from '../parts/panel.tsx';
import { Select } from '../parts/select.tsx';
import { Health } from '../parts/settings/health.tsx';
import { Keys } from '../parts/settings/keys.tsx';
import { ShortcutList } from '../parts/shortcuts.tsx';
import { Loading } from '../parts/states.tsx';
import { useWords } from '../words/words.ts';

const Account = () => {
  const words = useWords();
  const queries = useQueryClient();
  const { data: me } = useQuery(meQuery);
  if (me === undefined) return <Loading lines={2} />;
  const modes: Readonly<Record<string, string>> = words.settings.authModes;
  const rows = [
    [words.settings.user, me.userId],
    [words.settings.auth, modes[me.auth] ?? me.auth],
    [words.settings.version, me.version],
  ] as const;
  const forget = (): void => {
    signIn(null);
    void queries.resetQueries();
  };
  return (
    <div className="px-3.5 py-3">
      <dl className="flex flex-col gap-1.5">
        {rows.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-dim">{name}</dt>
            <dd className="truncate">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 flex flex-wrap gap-2">
        <a href="/docs" className="font-medium text-accent hover:underline">
          {words.settings.api}
        </a>
      </p>
      {me.auth === 'api-key' ? (
        <Button className="mt-3" onClick={forget}>
          {words.settings.signOut}
        </Button>
      ) : null}
    </div>
  );
};

const Defaults = () => {
  const words = useWords();
  const { data: me } = useQuery(meQuery);
  if (me === undefined) return <Loading lines={4} />;
  const { limits, permissionMode } = me.defaults;
  const rows = [
    [words.form.permissionMode, words.form.permissionModes[permissionMode]],
    [words.run.limit.time, formatDuration(limits.timeoutSeconds * 1_000)],
    [words.run.limit.silence, formatDuration(limits.idleSeconds * 1_000)],
    [words.run.limit.memory, `${limits.memoryMb} MiB`],
    [words.run.limit.disk, `${limits.diskMb} MiB`],
    [words.run.limit.cpus, String(limits.cpus)],
    [words.run.limit.processes, String(limits.maxProcesses)],
  ] as const;
  return (
    <dl className="flex flex-col gap-1.5 px-3.5 py-3">
      {rows.map(([name, value]) => (
        <div key={name} className="flex justify-between gap-4">
          <dt className="shrink-0 text-dim">{name}</dt>
          <dd className="text-right">{value}</dd>
        </div>
      ))}
    </dl>
  );
};

/** Theme and language, who one is, whether the server is well. */
export const SettingsPage = () => {
  const words = useWords();
  const theme = useTheme();
  const language = useLanguage();
  return (
    <Page>
      <PageHeader title={words.settings.title} />
      <div className="grid items-start gap-4 md:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title={words.settings.appearance}>
            <div className="flex flex-wrap gap-4 px-3.5 py-3">
              <Select<Theme>
                label={words.theme.label}
                value={theme}
                options={[
                  ['system', words.theme.system],
                  ['light', words.theme.light],
                  ['dark', words.theme.dark],
                ]}
                onChange={setTheme}
              />
              <Select<Language>
                label={words.language}
                value={language}
                options={[
                  ['en', 'English'],
                  ['ko', '한국어'],
                ]}
                onChange={setLanguage}
              />
            </div>
          </Panel>
          <Panel title={words.settings.health}>
            <Health />
          </Panel>
          <Panel title={words.settings.defaults}>
            <Defaults />
          </Panel>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title={words.settings.account}>
            <Account />
          </Panel>
          <Panel title={words.settings.keys.title}>
            <Keys />
          </Panel>
          <Panel title={words.settings.shortcuts}>
            <ShortcutList />
          </Panel>
        </div>
      </div>
    </Page>
  );
};
