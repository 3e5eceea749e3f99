import { useWords } from '../../words/words.ts';
import type { Draft, Faults } from './draft.ts';
import { Field, INPUT } from './field.tsx';

interface ScheduleProps {
  readonly draft: Draft;
  readonly faults: Faults;
  readonly onChange: (part: Partial<Draft>) => void;
}

const ZONES = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];

/** When the agent runs by itself. */
export const ScheduleFields = ({ draft, faults, onChange }: ScheduleProps) => {
  const { form } = useWords();
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="sr-only">{form.schedule}</legend>
      <label className="flex items-center gap-2 font-medium">
        <input
          type="checkbox"
          checked={draft.scheduled}
          onChange={(event) => onChange({ scheduled: event.target.checked })}
          className="size-4 accent-accent"
        />
        {form.scheduleOn}
      </label>
      {draft.scheduled ? (
        <div className="grid gap-3 sm:grid-cols-3">
          <Field label={form.cron} hint={form.cronHint} fault={faults['schedule.cron']}>
            {(slot) => (
              <input
                {...slot}
                value={draft.cron}
                onChange={(event) => onChange({ cron: event.target.value })}
                className={`${INPUT} font-mono`}
              />
            )}
          </Field>
          <Field label={form.timezone} fault={faults['schedule.timezone']}>
            {(slot) => (
              <>
                <input
                  {...slot}
                  list={`${slot.id}-zones`}
                  value={draft.timezone}
                  onChange={(event) => onChange({ timezone: event.target.value })}
                  className={INPUT}
                />
                <datalist id={`${slot.id}-zones`}>
                  {ZONES.map((zone) => (
                    <option key={zone} value={zone} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <Field label={form.overlap} fault={faults['schedule.overlap']}>
            {(slot) => (
              <select
                {...slot}
                value={draft.overlap}
                onChange={(event) => onChange({ overlap: event.target.value === 'allow' ? 'allow' : 'skip' })}
                className={INPUT}
              >
                <option value="skip">{form.overlaps.skip}</option>
                <option value="allow">{form.overlaps.allow}</option>
              </select>
            )}
          </Field>
        </div>
      ) : null}
    </fieldset>
  );
};
