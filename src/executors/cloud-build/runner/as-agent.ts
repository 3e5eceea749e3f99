/** Tools that prepare a place, run as the agent: what they fetch and build is the work of strangers. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { AGENT_UID } from './job-file.ts';

export interface ToolEnd {
  readonly ok: boolean;
  /** What it printed on its standard output. */
  readonly stdout: string;
  /** The limit that it ran into, for people, and the end of what it printed; empty when there is neither. */
  readonly why: string;
  readonly words: string;
}

export interface ToolOptions {
  readonly cwd: string;
  /** Its home, and where it may put what it needs for a while. */
  readonly scratch: string;
  readonly seconds: number;
  readonly env?: Readonly<Record<string, string>>;
}

const OUTPUT_BYTES = 8_388_608;
const MOST_LINES = 30;
const MOST_CHARS = 2_000;
const CONTROL = /[^\P{Cc}\n\t]/gu;

/** Command that makes another one the agent's. */
export const CHANGE_TO_AGENT: readonly string[] = [
  'setpriv',
  `--reuid=${AGENT_UID}`,
  `--regid=${AGENT_UID}`,
  '--clear-groups',
  '--inh-caps=-all',
  '--bounding-set=-all',
  '--no-new-privs',
  '--',
];

/** Runs a tool to its end. Its arguments are no shell's, and nothing of the step's own environment is in its. */
export const runAsAgent = (command: readonly string[], options: ToolOptions): ToolEnd => {
  const [file = '', ...args] = process.getuid?.() === 0 ? [...CHANGE_TO_AGENT, ...command] : command;
  const ended = spawnSync(file, args, {
    cwd: options.cwd,
    encoding: 'utf8',
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: options.scratch,
      TMPDIR: options.scratch,
      LANG: 'C.UTF-8',
      ...options.env,
    },
    timeout: options.seconds * 1_000,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_BYTES,
  });
  return { ok: ended.status === 0, stdout: ended.stdout ?? '', ...explain(ended, options.seconds) };
};

const explain = ({ stdout, stderr, error }: SpawnSyncReturns<string>, seconds: number) => {
  const code = error !== undefined && 'code' in error ? error.code : null;
  const said = tailOf(`${stdout ?? ''}\n${stderr ?? ''}`);
  return {
    why: code === 'ETIMEDOUT' ? ` within ${seconds} seconds` : '',
    words: said === '' ? (error?.message ?? '') : said,
  };
};

/** The end of what a tool printed, without colours and control characters. */
const tailOf = (printed: string): string => {
  const lines = stripVTControlCharacters(printed).replace(/\r\n?/g, '\n').replace(CONTROL, '').split('\n');
  const filled = lines.map((line) => line.trimEnd()).filter((line) => line !== '');
  const tail = filled.slice(-MOST_LINES).join('\n');
  return tail.length > MOST_CHARS ? `…${tail.slice(-MOST_CHARS)}` : tail;
};
