import { useQuery, useQueryClient } from '@tanstack/react-query';
import { signIn } from '../data/api.ts';
import { meQuery, readyQuery } from '../data/queries.ts';
import { formatDuration } from '../lib/format.ts';
import { type Language, setLanguage, setTheme, type Theme, useLanguage, useTheme } from '../lib/preferences.ts';
import { Button } from '../parts/button.tsx';
import { Icon, type IconName } from '../parts/icons.tsx';
import { Page, PageHeader, Panel } from '../parts/panel.tsx';
import { Select } from '../parts/select.tsx';
import { ShortcutList } from '../parts/shortcuts.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { useWords } from '../words/words.ts';

const LOOKS: Readonly<Record<'ok' | 'degraded' | 'missing', { icon: IconName; tone: string }>> = {
  ok: { icon: 'check', tone: 'text-good' },
  degraded: { icon: 'alert', tone: 'text-warn' },
  missing: { icon: 'cross', tone: 'text-bad' },
};

const Health = () => {
  const words = useWords();
  const ready = useQuery(readyQuery);
  if (ready.isPending) return <Loading lines={4} />;
  if (ready.isError) return <Failed error={ready.error} onRetry={() => ready.refetch()} />;
  const { findings } = ready.data;
  return (
    <div>
      <p
        className={`flex items-center gap-2 border-b border-line px-3.5 py-2.5 font-medium ${ready.data.ready ? 'text-good' : 'text-bad'}`}
      >
        <Icon name={ready.data.ready ? 'check' : 'alert'} />
        {ready.data.ready ? words.settings.ready : words.settings.notReady}
      </p>
      <ul>
        {findings.map(({ part, status, detail, mend }) => (
          <li key={part} className="flex gap-3 border-b border-line px-3.5 py-2 last:border-b-0">
            <span className={`mt-0.5 ${LOOKS[status].tone}`}>
              <Icon name={LOOKS[status].icon} />
            </span>
            <div className="min-w-0 flex-1">
              <p>
                <span className="font-medium">{part}</span>{' '}
                <span className={`text-xs ${LOOKS[status].tone}`}>{words.settings.finding[status]}</span>
              </p>
              {detail === undefined ? null : <p className="text-dim [overflow-wrap:anywhere]">{detail}</p>}
              {mend === undefined ? null : (
                <p className="mt-0.5">
                  {words.settings.mend}{' '}
                  <code className="rounded bg-raised px-1.5 py-0.5 font-mono text-xs [overflow-wrap:anywhere]">
                    {mend}
                  </code>
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
      {findings.every(({ detail }) => detail === undefined) ? (
        <p className="px-3.5 py-2 text-xs text-dim">{words.settings.hidden}</p>
      ) : null}
    </div>
  );
};

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

const Keys = () => {
  const words = useWords();
  return (
    <div className="px-3.5 py-3">
      <p className="text-dim">{words.settings.keysText}</p>
      <pre className="mt-2 overflow-x-auto rounded-md bg-raised px-3 py-2 font-mono text-xs">
        {'slipway keys create\nslipway keys list\nslipway keys revoke <id>'}
      </pre>
    </div>
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
          <Panel title={words.settings.keys}>
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
