import { Cron } from 'croner';
import type { Schedule } from '../core/agent.ts';
import { DomainError } from '../core/errors.ts';
import type { Instant } from '../core/ids.ts';

/** A schedule that fires every second would be a mistake, not a wish. */
const FIELDS = 5;

const faulty = (pointer: string, message: string): DomainError =>
  new DomainError('invalid_request', message, { faults: [{ pointer, message }] });

const requireTimezone = (timezone: string): void => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw faulty('/schedule/timezone', `"${timezone}" is not a time zone; write one such as "Asia/Seoul" or "UTC".`);
  }
};

/**
 * First firing after an instant, in the schedule's own time zone, daylight saving included; null when there is none.
 * @throws DomainError `invalid_request` for a line that is not cron's, or a time zone that does not exist
 */
export const nextFiring = (schedule: Schedule, after: Instant): Instant | null => {
  requireTimezone(schedule.timezone);
  if (schedule.cron.trim().split(/\s+/).length !== FIELDS) {
    throw faulty('/schedule/cron', 'A schedule has five fields: minute, hour, day of month, month, day of week.');
  }
  try {
    const cron = new Cron(schedule.cron, { timezone: schedule.timezone, mode: '5-part' });
    return cron.nextRun(new Date(after))?.getTime() ?? null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw faulty('/schedule/cron', `"${schedule.cron}" is not a schedule that cron would read: ${reason}`);
  }
};
