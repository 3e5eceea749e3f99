/** Times for people; `--json` has them exactly. */
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something took. */
export const duration = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ${Math.round(seconds % MINUTE)} s`;
  return `${Math.floor(seconds / HOUR)} h ${Math.floor((seconds % HOUR) / MINUTE)} min`;
};

/** How long ago an RFC 3339 time is. */
export const ago = (at: string, now: number): string => {
  const seconds = Math.round((now - Date.parse(at)) / 1000);
  if (Number.isNaN(seconds)) return '-';
  // The clock of the server may be a little ahead of ours.
  if (seconds < 2) return 'just now';
  if (seconds < 2 * MINUTE) return `${seconds} s ago`;
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  return `${Math.floor(seconds / DAY)} days ago`;
};

/** How long it is until an RFC 3339 time; what is due and has not happened yet is `due`. */
export const until = (at: string, now: number): string => {
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  if (Number.isNaN(seconds)) return '-';
  if (seconds <= 0) return 'due';
  if (seconds < 2 * MINUTE) return `in ${seconds} s`;
  if (seconds < 2 * HOUR) return `in ${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `in ${Math.floor(seconds / HOUR)} h`;
  return `in ${Math.floor(seconds / DAY)} days`;
};

/** How long it took from one time to another, up to now when it is not over; `-` when it has not begun. */
export const took = (from: string | undefined, to: string | undefined, now: number): string =>
  from === undefined ? '-' : duration((to === undefined ? now : Date.parse(to)) - Date.parse(from));
