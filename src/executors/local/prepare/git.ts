/** How a repository is fetched: the host's git in one step, with a way to the repository's host and to no other. */
import { readFile } from 'node:fs/promises';
import type { Source } from '../../../core/agent.ts';
import { DomainError } from '../../../core/errors.ts';
import type { FileIn } from '../../../ports/executor.ts';
import { UNFURNISHED } from '../translate.ts';
import type { StepRecipe } from './install.ts';
import { secretForms } from './message.ts';
import { findGit } from './tools.ts';

/** Directory below the step's workspace that becomes the job's. */
export const REPOSITORY = 'tree';

/**
 * One commit, with the branch that it was asked for by. Nothing of the repository is executed: a new repository has no
 * hooks (`--template=`), and filters and other programs stand in settings, of which there are none.
 */
const FETCH = `
set -e
git=$1 url=$2 ref=$3
"$git" init --quiet --template= /workspace/${REPOSITORY}
cd /workspace/${REPOSITORY}
"$git" remote add origin "$url"
refs=$("$git" ls-remote --symref origin HEAD "refs/heads/$ref" "refs/tags/$ref")
has() { printf '%s\\n' "$refs" | cut -f2 | grep -Fxq -e "$1"; }
branch= want=$ref
if [ "$ref" = HEAD ]; then
  branch=$(printf '%s\\n' "$refs" | sed -n 's|^ref: refs/heads/\\(.*\\)\\tHEAD$|\\1|p')
elif has "refs/heads/$ref"; then branch=$ref
elif has "refs/tags/$ref"; then want="+refs/tags/$ref:refs/tags/$ref"
fi
[ -z "$branch" ] || want="+refs/heads/$branch:refs/remotes/origin/$branch"
"$git" fetch --quiet --depth=1 --no-tags --no-recurse-submodules origin "$want"
if [ -n "$branch" ]; then "$git" checkout --quiet -B "$branch" --track "origin/$branch"
else "$git" checkout --quiet --detach FETCH_HEAD
fi
`;

export interface GitSettings {
  /** File with lines such as `https://user:token@host`, as git's `store` helper has it; null = no private repositories. */
  readonly credentialsFile: string | null;
  /** Hosts in private networks; these may be asked by http, too. */
  readonly privateHosts: readonly string[];
}

export interface GitFetch {
  readonly recipe: StepRecipe;
  readonly secrets: readonly string[];
  readonly hasCredentials: boolean;
}

/** The step that fetches a repository; `source_failed` when it may not be asked for. */
export const gitFetch = async (source: Source, settings: GitSettings): Promise<GitFetch> => {
  const url = URL.canParse(source.git) ? new URL(source.git) : null;
  const protocol = url?.protocol.slice(0, -1) ?? '';
  const plain =
    protocol === 'http' && settings.privateHosts.some((host) => host === url?.host || host === url?.hostname);
  if (url === null || (protocol !== 'https' && !plain) || url.username !== '' || url.password !== '') {
    throw new DomainError('source_failed', 'The repository has no https address, or one with a user in it.', {
      hint: 'Nothing was executed. Give an https address; credentials are a setting of the server (SLIPWAY_GIT_CREDENTIALS).',
    });
  }
  if (source.ref.startsWith('-')) {
    throw new DomainError('source_failed', 'The ref of the repository begins with a dash.', {
      hint: 'Nothing was executed. Give a branch, a tag or a commit.',
    });
  }
  const credentials = await credentialsFor(url, settings.credentialsFile);
  const files: FileIn[] =
    credentials.length === 0
      ? []
      : [
          {
            root: 'home',
            path: '.git-credentials',
            content: Buffer.from(`${credentials.map(({ line }) => line).join('\n')}\n`),
          },
        ];
  return {
    hasCredentials: credentials.length > 0,
    secrets: credentials.flatMap(({ secret }) => secretForms(secret)),
    recipe: {
      command: ['/bin/sh', '-c', FETCH, 'fetch', findGit(), url.href, source.ref],
      env: {
        GIT_ALLOW_PROTOCOL: protocol,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        ...gitConfig({
          'core.hooksPath': '/dev/null',
          'init.defaultBranch': 'main',
          ...(credentials.length === 0 ? {} : { 'credential.helper': 'store' }),
        }),
      },
      files,
      hosts: [url.host],
      furnishing: UNFURNISHED,
    },
  };
};

/** Settings for one command, which stay in no file. */
const gitConfig = (settings: Readonly<Record<string, string>>): Record<string, string> => {
  const entries = Object.entries(settings);
  const pairs = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(entries.length), ...Object.fromEntries(pairs) };
};

/** Only the lines of the file that are about this host: no step sees the others. */
const credentialsFor = async (url: URL, path: string | null): Promise<readonly { line: string; secret: string }[]> => {
  if (path === null) return [];
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DomainError('source_failed', 'The file of SLIPWAY_GIT_CREDENTIALS cannot be read on this server.', {
      hint: 'Nothing was executed. Tell the operator to check its path and permissions.',
      cause: error,
    });
  });
  return text.split('\n').flatMap((line) => {
    const trimmed = line.trim();
    const entry = URL.canParse(trimmed) ? new URL(trimmed) : null;
    if (entry === null || entry.host !== url.host || entry.protocol !== url.protocol) return [];
    return [{ line: trimmed, secret: decodeURIComponent(entry.password) }];
  });
};
