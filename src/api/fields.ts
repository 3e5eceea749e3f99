/** The fields of a task, one schema each, with what may be in them. */
import { z } from 'zod';
import { isAllowedHost, isHostPattern } from './host-names.ts';

export const MAX_PROMPT_BYTES = 512 * 1024;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Text for the model, carried byte for byte. */
export const promptText = z
  .string()
  .refine((text) => text.trim() !== '', { error: 'must not be empty', abort: true })
  .refine((text) => bytesOf(text) <= MAX_PROMPT_BYTES, { error: `must be at most ${MAX_PROMPT_BYTES} bytes of UTF-8` })
  .meta({
    description: `What the agent is told, byte for byte; not blank, at most ${MAX_PROMPT_BYTES} bytes of UTF-8, no NUL.`,
    minLength: 1,
  });

/** Text that is added to a prompt; blank is none. */
export const inputText = z
  .string()
  .refine((text) => bytesOf(text) <= MAX_PROMPT_BYTES, { error: `must be at most ${MAX_PROMPT_BYTES} bytes of UTF-8` })
  .meta({ description: `Added to the prompt of this run; at most ${MAX_PROMPT_BYTES} bytes of UTF-8, no NUL.` });

export const agentName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, { error: 'must not hold control characters' });

export const modelName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/[\]-]{0,127}$/, {
    error:
      'must be a model name: letters, digits and ._:@/[]-, beginning with a letter or a digit, at most 128 characters',
  })
  .meta({ description: 'Model name; left out, the CLI takes its default.', examples: ['claude-sonnet-4-5'] });

const toolName = z
  .string()
  .max(512)
  .regex(/^[A-Za-z_][A-Za-z0-9_.:*-]*(\([^\p{Cc}]*\))?$/u, {
    error: 'must be a tool name, with a rule in parentheses if wanted, such as Read or Bash(git log:*)',
  });

export const toolNames = z
  .array(toolName)
  .max(200)
  .meta({ examples: [['Read', 'Bash(git log:*)']] });

const PIP = String.raw`[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9,._-]+\])?(==[A-Za-z0-9][A-Za-z0-9.!+_-]*)?`;
const NPM = `npm:(@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*(@[A-Za-z0-9][A-Za-z0-9.+-]*)?`;
const NO_PACKAGE =
  'must be a package such as pandas==2.2.2 (pip) or npm:left-pad@1.3.0; no addresses, paths or options';
/** Installers take such a name for a file. */
const ARCHIVE = /\.(tgz|tar|tar\.(gz|bz2|xz)|tbz|txz|zip|whl)$/i;
const packageName = z
  .string()
  .max(214)
  .regex(new RegExp(`^(${PIP}|${NPM})$`), {
    error: NO_PACKAGE,
    abort: true,
  })
  .refine((text) => !ARCHIVE.test(text), { error: NO_PACKAGE });

export const packageNames = z
  .array(packageName)
  .max(100)
  .meta({ examples: [['pandas==2.2.2', 'npm:left-pad@1.3.0']] });

export const outputSchema = z
  .record(z.string(), z.unknown())
  .meta({ description: 'JSON Schema that the result must satisfy.' });

const hostPattern = z.string().trim().toLowerCase().refine(isAllowedHost, {
  error:
    'must be a public host name such as api.example.com, *.example.com or api.example.com:8443; no scheme, path, address or internal name',
});

export const network = z.strictObject({
  allow: z
    .array(hostPattern)
    .max(100)
    .default([])
    .meta({
      description: 'Hosts that the agent may reach, on ports 443 and 80 when no port is given; none when empty.',
      examples: [['*.example.com']],
    }),
});

const isGitUrl = (text: string): boolean => {
  if (!URL.canParse(text) || /[\s\\]/.test(text)) return false;
  const url = new URL(text);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  return url.search === '' && url.hash === '' && url.pathname.length > 1 && isHostPattern(url.hostname);
};

const isGitRef = (text: string): boolean =>
  /^[A-Za-z0-9_][A-Za-z0-9._/+@-]*$/.test(text) && !/\.\.|\/\/|[./]$|\.lock$/.test(text);

export const source = z.strictObject({
  git: z
    .string()
    .max(2048)
    .refine(isGitUrl, { error: 'must be an https address of a public host, without user, password, query or fragment' })
    .meta({ examples: ['https://git.example.com/team/project.git'] }),
  ref: z
    .string()
    .max(255)
    .refine(isGitRef, { error: 'must be the name of a branch or tag, or a commit' })
    .default('HEAD'),
});
