import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { AgentInput } from '../../../../src/client/client.ts';
import { ProblemError } from '../../../../src/client/http.ts';
import { messageOf } from '../../data/api.ts';
import { useWords } from '../../words/words.ts';
import { buttonClass } from '../button.tsx';
import { type Draft, type Faults, faultsFromServer, LIMIT_NAMES, OPEN_LIMITS, readDraft } from './draft.ts';
import { Field, INPUT } from './field.tsx';
import { ScheduleFields } from './schedule-fields.tsx';

interface AgentFormProps {
  readonly initial: Draft;
  readonly submitLabel: string;
  readonly onSubmit: (body: AgentInput) => Promise<void>;
  readonly aside?: ReactNode;
}

const MODES = ['acceptEdits', 'default', 'plan', 'dontAsk', 'bypassPermissions'] as const;
const LISTS = [
  ['allowedTools', 'toolsHint'],
  ['disallowedTools', 'toolsHint'],
  ['requiredPackages', 'packagesHint'],
  ['network', 'networkHint'],
] as const;

/** An agent's settings. They are checked here by the same schema that the server checks them by. */
export const AgentForm = ({ initial, submitLabel, onSubmit, aside }: AgentFormProps) => {
  const { form } = useWords();
  const [draft, setDraft] = useState(initial);
  const [faults, setFaults] = useState<Faults>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));

  useEffect(() => {
    if (Object.keys(faults).length > 0) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const read = readDraft(draft);
    setProblem(null);
    setFaults(read.ok ? {} : read.faults);
    if (!read.ok) return;
    setBusy(true);
    try {
      await onSubmit(read.body);
    } catch (error) {
      if (error instanceof ProblemError) setFaults(faultsFromServer(error.faults));
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form ref={element} noValidate onSubmit={submit} className="flex flex-col gap-5 p-4 sm:p-5">
      <Field label={form.name} fault={faults.name}>
        {(slot) => (
          <input
            {...slot}
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
            className={INPUT}
          />
        )}
      </Field>
      <Field label={form.prompt} hint={form.promptHint} fault={faults.prompt}>
        {(slot) => (
          <textarea
            {...slot}
            rows={8}
            value={draft.prompt}
            onChange={(event) => change({ prompt: event.target.value })}
            className={INPUT}
          />
        )}
      </Field>
      <ScheduleFields draft={draft} faults={faults} onChange={change} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={form.permissionMode} fault={faults.permissionMode}>
          {(slot) => (
            <select
              {...slot}
              value={draft.permissionMode}
              onChange={(event) => {
                const mode = MODES.find((one) => one === event.target.value);
                if (mode !== undefined) change({ permissionMode: mode });
              }}
              className={INPUT}
            >
              {MODES.map((mode) => (
                <option key={mode} value={mode}>
                  {form.permissionModes[mode]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={form.model} hint={form.modelHint} fault={faults.model}>
          {(slot) => (
            <input
              {...slot}
              value={draft.model}
              onChange={(event) => change({ model: event.target.value })}
              className={INPUT}
            />
          )}
        </Field>
        {LISTS.map(([name, hint]) => (
          <Field key={name} label={form[name]} hint={form[hint]} fault={faults[name]}>
            {(slot) => (
              <textarea
                {...slot}
                rows={3}
                spellCheck={false}
                value={draft[name]}
                onChange={(event) => change({ [name]: event.target.value })}
                className={`${INPUT} font-mono text-xs`}
              />
            )}
          </Field>
        ))}
      </div>
      <fieldset>
        <legend className="mb-2 text-sm font-semibold">{form.limits}</legend>
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {LIMIT_NAMES.map((name) => (
            <Field key={name} label={form.limit[name]} fault={faults[`limits.${name}`]}>
              {(slot) => (
                <input
                  {...slot}
                  inputMode="decimal"
                  value={draft.limits[name]}
                  placeholder={OPEN_LIMITS.includes(name) ? form.noLimit : ''}
                  onChange={(event) => change({ limits: { ...draft.limits, [name]: event.target.value } })}
                  className={`${INPUT} tabular-nums`}
                />
              )}
            </Field>
          ))}
        </div>
      </fieldset>
      <details open={draft.outputSchema !== '' || faults.outputSchema !== undefined}>
        <summary className="text-sm font-semibold">{form.advanced}</summary>
        <div className="mt-3">
          <Field label={form.outputSchema} fault={faults.outputSchema}>
            {(slot) => (
              <textarea
                {...slot}
                rows={6}
                spellCheck={false}
                value={draft.outputSchema}
                onChange={(event) => change({ outputSchema: event.target.value })}
                className={`${INPUT} font-mono text-xs`}
              />
            )}
          </Field>
        </div>
      </details>
      <div className="sticky bottom-0 -mx-4 flex flex-wrap items-center gap-3 border-t border-line bg-panel px-4 py-3 sm:-mx-5 sm:px-5">
        <button type="submit" disabled={busy} className={buttonClass('primary')}>
          {submitLabel}
        </button>
        <p role="alert" className="text-bad">
          {problem ?? (Object.keys(faults).length > 0 ? form.faults : '')}
        </p>
        {aside}
      </div>
    </form>
  );
};
