/** What the model service's answer to a question that costs nothing says about the credentials. Pure. */
import type { Finding } from '../ports/executor.ts';
import type { Credentials } from './headers.ts';

const PART = 'credentials';
const MEND_KEY = 'export ANTHROPIC_API_KEY=…   # a valid key, from the console of the model service';
const MEND_ADDRESS =
  'export ANTHROPIC_BASE_URL=…   # the address that /v1/messages is below; unset it for Anthropic’s own';

const finding = (status: Finding['status'], detail: string, mend: string | null): Finding => ({
  part: PART,
  status,
  detail,
  mend,
});

/** What can be told of credentials without asking anybody; null when nothing is wrong with them. Never shows one. */
export const faultOf = ({ apiKey, authToken }: Credentials): Finding | null => {
  if (apiKey === null && authToken === null) {
    const mend = 'export ANTHROPIC_API_KEY=…   # or start with --demo';
    return finding('missing', 'Neither ANTHROPIC_API_KEY nor ANTHROPIC_AUTH_TOKEN is set.', mend);
  }
  for (const [name, value] of [
    ['ANTHROPIC_API_KEY', apiKey],
    ['ANTHROPIC_AUTH_TOKEN', authToken],
  ] as const) {
    // Anything else cannot stand in a header, or was copied along with the key: a quotation mark, a line break.
    if (value === null || /^[\x21\x23-\x26\x28-\x7e]+$/.test(value)) continue;
    const detail = `${name} is malformed: it holds a space, a line break, a quotation mark or a letter outside ASCII.`;
    return finding(
      'missing',
      detail,
      `export ${name}=…   # the ${name.endsWith('KEY') ? 'key' : 'token'} alone, as one word`,
    );
  }
  return null;
};

/** What is odd about a key that was refused. */
const oddityOf = ({ apiKey }: Credentials, baseUrl: URL): string => {
  if (apiKey?.startsWith('sk-ant-oat') === true) return ' It is an OAuth token, which belongs in ANTHROPIC_AUTH_TOKEN.';
  const anthropics = /(?:^|\.)anthropic\.com$/.test(baseUrl.hostname);
  if (!anthropics || apiKey === null || apiKey.startsWith('sk-ant-')) return '';
  return ' It does not begin with sk-ant-, as keys of Anthropic do.';
};

/** The finding for an answer; null when this question was not understood and another one may be. */
export const readAnswer = (status: number, credentials: Credentials, baseUrl: URL): Finding | null => {
  const where = baseUrl.href.replace(/\/$/, '');
  if (status >= 200 && status < 300) return finding('ok', `accepted by ${where}`, null);
  if (status === 401) {
    return finding('missing', `refused by ${where} (HTTP 401).${oddityOf(credentials, baseUrl)}`, MEND_KEY);
  }
  if (status === 403) {
    return finding('missing', `refused by ${where} (HTTP 403): they may not use the service.`, MEND_KEY);
  }
  if (status === 407)
    return finding('missing', `the proxy on the way to ${where} asks for a password (HTTP 407)`, MEND_PROXY);
  if (status === 429) {
    const detail = `known to ${where}, which takes no more requests at the moment (HTTP 429)`;
    return finding('degraded', detail, 'Wait, or raise the limit in the console of the model service.');
  }
  if (status >= 300 && status < 400) {
    return finding(
      'missing',
      `${where} leads elsewhere (HTTP ${status}), where no credentials are sent.`,
      MEND_ADDRESS,
    );
  }
  if (status >= 500) {
    return finding(
      'degraded',
      `${where} has a fault of its own (HTTP ${status})`,
      'Wait; runs try again by themselves.',
    );
  }
  return null;
};

/** The finding when neither question was understood. */
export const notUnderstood = (status: number, baseUrl: URL): Finding =>
  finding(
    'degraded',
    `set, and not tried: ${baseUrl.href.replace(/\/$/, '')} has neither /v1/models nor count_tokens (HTTP ${status})`,
    MEND_ADDRESS,
  );

const MEND_PROXY = 'export HTTPS_PROXY=http://user:password@host:port   # or the host in NO_PROXY, to go without';

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^ERR_PROXY|^ERR_HTTP_PROXY/, MEND_PROXY],
  [
    /CERT|SIGNATURE|SELF_SIGNED/,
    'export SLIPWAY_CA_FILE=/path/to/ca.pem   # the authority of your company’s service or proxy',
  ],
  [/^ERR_SSL|^EPROTO/, MEND_ADDRESS],
];

/** The finding when nobody answered. `why` is the kind of failure; `proxy` describes the one on the way. */
export const notReached = (why: string, baseUrl: URL, proxy: string | null): Finding => {
  const way = proxy === null ? '' : ` through ${proxy}`;
  const mend =
    HINTS.find(([pattern]) => pattern.test(why))?.[1] ??
    (proxy === null
      ? `curl -v ${baseUrl.href}   # where only a proxy leads outside: export HTTPS_PROXY=http://host:port`
      : MEND_PROXY);
  return finding(
    'missing',
    `set, and not tried: ${baseUrl.href.replace(/\/$/, '')} cannot be reached${way} (${why})`,
    mend,
  );
};
