import type { ReactNode } from 'react';
import type { ProposalView } from '../../../../src/api/conversation-schemas.ts';
import { changeOf } from '../../../../src/client/agent-changes.ts';
import { cleanText } from '../../lib/ansi.ts';
import { formatDuration, formatIn, formatMoney } from '../../lib/format.ts';
import { useLanguage } from '../../lib/preferences.ts';
import { translate } from '../../words/said.ts';
import { useWords } from '../../words/words.ts';
import { Button } from '../button.tsx';
import { Clamped } from '../clamped.tsx';
import { FieldChange } from '../field-change.tsx';
import { Icon } from '../icons.tsx';

const Row = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="grid grid-cols-[7.5rem_1fr] gap-3 py-1.5 max-sm:grid-cols-1 max-sm:gap-0">
    <dt className="text-dim">{name}</dt>
    <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
  </div>
);

/** Tools, hosts and packages; the rest are sentences. */
const RULE = /^[^\s(]+(\(|$)/;

const List = ({ items, tone = '' }: { readonly items: readonly string[]; readonly tone?: string }) => (
  <ul className="flex flex-wrap gap-1.5">
    {items.map((item) => (
      <li
        key={item}
        className={`rounded bg-raised px-1.5 py-0.5 text-xs ${RULE.test(item) ? 'font-mono' : ''} ${tone}`}
      >
        {cleanText(item)}
      </li>
    ))}
  </ul>
);

const Consequences = ({ proposal }: { readonly proposal: ProposalView }) => {
  const words = useWords();
  const language = useLanguage();
  const { consequences } = proposal;
  const { limits, estimate } = consequences;
  const { chat } = words;
  return (
    <dl className="divide-y divide-line">
      <Row name={chat.firings}>
        {consequences.nextFirings.length === 0 ? (
          words.agents.noSchedule
        ) : (
          <ul>
            {consequences.nextFirings.map(({ at }) => (
              <li key={at}>
                <time dateTime={at}>{formatIn(Date.parse(at), consequences.timezone, language)}</time>
              </li>
            ))}
            <li className="text-xs text-dim">{cleanText(consequences.timezone)}</li>
          </ul>
        )}
      </Row>
      {consequences.allowed.length === 0 ? null : (
        <Row name={chat.allowed}>
          <List items={consequences.allowed.map((one) => translate(one, language))} />
        </Row>
      )}
      {consequences.denied.length === 0 ? null : (
        <Row name={chat.denied}>
          <List items={consequences.denied.map((one) => translate(one, language))} tone="text-warn" />
        </Row>
      )}
      <Row name={words.form.network}>
        {consequences.hosts.length === 0 ? chat.noHosts : <List items={consequences.hosts} />}
      </Row>
      {consequences.packages.length === 0 ? null : (
        <Row name={words.form.requiredPackages}>
          <List items={consequences.packages} />
        </Row>
      )}
      <Row name={words.form.limits}>
        {formatDuration(limits.timeoutSeconds * 1_000)} · {limits.memoryMb} MiB · {limits.cpus} CPU
        {limits.maxBudgetUsd === undefined ? '' : ` · ${formatMoney(limits.maxBudgetUsd, language)}`}
      </Row>
      <Row name={chat.estimate}>
        {estimate === null ? chat.noEstimate : chat.estimated(formatMoney(estimate.costUsd, language), estimate.runs)}
      </Row>
    </dl>
  );
};

const Changes = ({ proposal }: { readonly proposal: ProposalView }) => (
  <div className="flex flex-col gap-2">
    {proposal.changes
      .flatMap(({ field, before, after }) => changeOf(field, before, after))
      .map((change) => (
        <FieldChange key={change.field} {...change} />
      ))}
  </div>
);

interface ProposalProps {
  readonly proposal: ProposalView;
  readonly busy: boolean;
  readonly onSave: () => void;
  readonly onTry: () => void;
  readonly onChange: () => void;
}

/** What would be made, what that means, and what to do about it. */
export const Proposal = ({ proposal, busy, onSave, onTry, onChange }: ProposalProps) => {
  const words = useWords();
  const { chat } = words;
  const { agent } = proposal;
  const changes = proposal.agentId !== null;
  return (
    <section aria-label={chat.proposal} className="rounded-xl border border-accent/40 bg-panel">
      <header className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2.5">
        <div className="min-w-0">
          <p className="text-xs font-medium text-accent">{chat.proposal}</p>
          <h2 className="truncate text-base font-semibold">{cleanText(agent.name)}</h2>
        </div>
        {proposal.saved ? (
          <span className="inline-flex items-center gap-1.5 font-medium text-good">
            <Icon name="check" />
            {chat.created}
          </span>
        ) : null}
      </header>
      <div className="flex flex-col gap-3 px-4 py-3">
        <Clamped text={cleanText(agent.prompt)} />
        {proposal.changes.length === 0 ? null : (
          <div>
            <h3 className="mb-1.5 text-sm font-semibold">{chat.difference}</h3>
            <Changes proposal={proposal} />
          </div>
        )}
        <div>
          <h3 className="text-sm font-semibold">{chat.consequences}</h3>
          <Consequences proposal={proposal} />
        </div>
      </div>
      {proposal.saved ? null : (
        <footer className="flex flex-wrap gap-2 border-t border-line px-4 py-3">
          <Button kind="primary" icon="check" disabled={busy} onClick={onSave}>
            {changes ? chat.saveChange : chat.createAgent}
          </Button>
          <Button icon="runs" disabled={busy} onClick={onTry}>
            {chat.tryOnce}
          </Button>
          <Button kind="quiet" icon="pencil" disabled={busy} onClick={onChange}>
            {chat.change}
          </Button>
        </footer>
      )}
    </section>
  );
};
