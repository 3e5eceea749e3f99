/** Numbers, amounts and durations for people. */
import { currentLanguage, type Language } from './preferences.ts';

/** US dollars; small amounts with as many digits as they need. */
export const formatMoney = (usd: number | null, language: Language): string => {
  if (usd === null) return '?';
  const digits = usd !== 0 && Math.abs(usd) < 0.01 ? 4 : 2;
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(usd);
};

/** 12,345 as 12.3K. */
export const formatCount = (count: number, language: Language): string =>
  new Intl.NumberFormat(language, {
    notation: count >= 10_000 ? 'compact' : 'standard',
    maximumFractionDigits: 1,
  }).format(count);

export const formatWhole = (count: number, language: Language): string => new Intl.NumberFormat(language).format(count);

const UNITS: { readonly [Key in Language]: Readonly<Record<'ms' | 's' | 'm' | 'h' | 'd', string>> } = {
  en: { ms: ' ms', s: ' s', m: ' m', h: ' h', d: ' d' },
  ko: { ms: '밀리초', s: '초', m: '분', h: '시간', d: '일' },
};

/** 850 ms, 3.2 s, 4 m 05 s, 2 h 10 m, in the page's language. */
export const formatDuration = (ms: number, language: Language = currentLanguage()): string => {
  const unit = UNITS[language];
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}${unit.ms}`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)}${unit.s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${unit.m} ${String(Math.floor(seconds % 60)).padStart(2, '0')}${unit.s}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}${unit.h} ${String(minutes % 60).padStart(2, '0')}${unit.m}`;
  return `${Math.floor(hours / 24)}${unit.d} ${hours % 24}${unit.h}`;
};

export const formatBytes = (bytes: number): string => {
  const units = ['B', 'KB', 'MB', 'GB'];
  const power = bytes < 1_024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1_024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
};

const STEPS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
] as const;

/** "3 minutes ago", "in 2 hours". `at` and `now` in milliseconds. */
export const formatRelative = (at: number, now: number, language: Language): string => {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  let value = (at - now) / 1_000;
  if (Math.abs(value) < 5) return format.format(0, 'second');
  for (const [unit, size] of STEPS) {
    if (Math.abs(value) < size) return format.format(Math.trunc(value), unit);
    value /= size;
  }
  return format.format(Math.trunc(value), 'year');
};

/** The exact time, in the zone of whoever looks. */
export const formatExact = (at: number, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long' }).format(at);

/** 14:05:09, for a transcript. */
export const formatClock = (at: number, language: Language): string =>
  new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(
    at,
  );

/** 24 Nov. */
export const formatDay = (day: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );

/** Mon, 30 Nov 2026, 09:00 GMT+9: a time in the zone that a schedule names. */
export const formatIn = (at: number, timeZone: string, language: Language): string => {
  const parts = { dateStyle: 'medium', timeStyle: 'short' } as const;
  try {
    const day = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone }).format(at);
    return `${day}, ${new Intl.DateTimeFormat(language, { ...parts, timeZone }).format(at)}`;
  } catch {
    // A zone that this browser does not know: its own is shown, in full.
    return formatExact(at, language);
  }
};
