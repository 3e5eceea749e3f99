/** Which names of hosts an agent may be allowed to reach. */

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Names by which machines reach themselves, their neighbours, or their cloud's metadata server. */
const INTERNAL_SUFFIXES = ['localhost', 'localdomain', 'local', 'internal', 'metadata.goog'];

const isUnder = (name: string, suffix: string): boolean => name === suffix || name.endsWith(`.${suffix}`);

/**
 * True for a lower-case public host name, or `*.` before one that has two labels at least. Numbers as last label are
 * refused because every way to write an IPv4 address ends in one.
 */
export const isHostPattern = (text: string): boolean => {
  const wild = text.startsWith('*.');
  const name = wild ? text.slice(2) : text;
  const labels = name.split('.');
  if (name.length > 253 || labels.length < 2 || !labels.every((label) => LABEL.test(label))) return false;
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return false;
  // `*.goog` would hold the metadata server's name.
  return !INTERNAL_SUFFIXES.some((suffix) => isUnder(name, suffix) || (wild && isUnder(suffix, name)));
};

/** A host pattern, or one with `:port`. */
export const isAllowedHost = (text: string): boolean => {
  const [pattern = '', port, ...rest] = text.split(':');
  if (rest.length > 0 || !isHostPattern(pattern)) return false;
  return port === undefined || (/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535);
};
