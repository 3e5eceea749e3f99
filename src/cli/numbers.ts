/** Numbers on the command line; a bad one is a usage error that says what is wanted. */
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };
const SIZES: Readonly<Record<string, number>> = { '': 1, m: 1, mb: 1, g: 1024, gb: 1024 };

const read = (text: string, units: Readonly<Record<string, number>>, wanted: string): number => {
  const form = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text);
  const factor = units[(form?.[2] ?? '').toLowerCase()];
  if (form === null || factor === undefined) throw new InvalidArgumentError(`It must be ${wanted}.`);
  return Number(form[1]) * factor;
};

/** `90`, `90s`, `5m`, `1h` as seconds. */
export const seconds = (text: string): number => read(text, UNITS, 'a duration such as 90, 90s, 5m or 1h');
/** `512`, `512m`, `2g` as mebibytes. */
export const mebibytes = (text: string): number => read(text, SIZES, 'a size such as 512, 512m or 2g');
export const decimal = (text: string): number => read(text, { '': 1 }, 'a number, not below 0');
export const whole = (text: string): number => {
  const wanted = 'a whole number, not below 0';
  const value = read(text, { '': 1 }, wanted);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError(`It must be ${wanted}.`);
  return value;
};
