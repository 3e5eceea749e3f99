/** What a tool printed, made fit for a run's record: its end, without colours, control characters and secrets. Pure. */
import { stripVTControlCharacters } from 'node:util';

const MOST_LINES = 30;
const MOST_CHARS = 2_000;
const CONTROL = /[^\P{Cc}\n\t]/gu;
/** User and password in an address. */
const USERINFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

/** Each secret, and what is in front of the host in any address, is left out. Empty when nothing was printed. */
export const tailOf = (printed: string, secrets: readonly string[]): string => {
  let text = stripVTControlCharacters(printed).replace(/\r\n?/g, '\n').replace(CONTROL, '');
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '[removed]');
  const lines = text.replace(USERINFO, '$1').split('\n');
  const filled = lines.map((line) => line.trimEnd()).filter((line) => line !== '');
  const tail = filled.slice(-MOST_LINES).join('\n');
  return tail.length > MOST_CHARS ? `…${tail.slice(-MOST_CHARS)}` : tail;
};

/** The forms in which a tool may print a secret. */
export const secretForms = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
];
