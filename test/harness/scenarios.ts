/** The runs whose output is kept as golden transcripts. */
import type { Task } from '../../src/core/agent.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';

const SCHEMA = {
  type: 'object',
  properties: { title: { type: 'string' }, count: { type: 'integer', minimum: 1 } },
  required: ['title', 'count'],
  additionalProperties: false,
} as const;

/** What is ended from outside, and how. */
export interface Interruption {
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL';
  /** Sent once the output holds this. */
  readonly after: string;
}

export interface Golden {
  readonly name: string;
  readonly task: Partial<Task>;
  readonly interruption?: Interruption;
}

const plain = (name: string, task: Partial<Task> = {}): Golden => ({
  name,
  task: { prompt: `[[demo:${name}]]`, ...task },
});

/** One name each; the prompts choose the demo model's scripts. */
export const GOLDEN: readonly Golden[] = [
  { name: 'default', task: { prompt: 'Please tidy up my harbour.' } },
  plain('hello'),
  plain('thinking'),
  plain('multi-tool'),
  plain('unicode'),
  plain('write-file', { prompt: '[[demo:write-file]]ahoy' }),
  plain('write-outside', { prompt: '[[demo:write-outside]]/etc/slipway-was-here' }),
  plain('bash', { prompt: '[[demo:bash]]seq 3; exit 7', allowedTools: ['Bash'] }),
  plain('bash-background', { prompt: '[[demo:bash-background]]sleep 0.3; echo over', allowedTools: ['Bash'] }),
  plain('denied'),
  plain('structured-ok', { outputSchema: SCHEMA }),
  plain('structured-bad', { outputSchema: SCHEMA }),
  plain('structured-none', { outputSchema: SCHEMA }),
  plain('max-turns', { limits: { ...DEFAULT_LIMITS, maxTurns: 2 } }),
  plain('max-tokens'),
  plain('empty-result'),
  plain('refusal'),
  plain('error-400'),
  plain('error-403'),
  plain('error-404'),
  plain('error-413'),
  plain('error-429'),
  plain('error-429-forever'),
  plain('error-500'),
  plain('error-500-forever'),
  plain('error-529-forever'),
  plain('error-credit'),
  plain('error-prompt-too-long'),
  plain('stream-error'),
  plain('cut'),
  plain('cut-forever'),
  plain('cut-bytes'),
  { name: 'slash', task: { prompt: '/help [[demo:hello]]' } },
  {
    name: 'error-401',
    task: { prompt: '[[demo:error-401]]' },
    interruption: { signal: 'SIGKILL', after: 'api_retry' },
  },
  {
    name: 'sigint',
    task: { prompt: '[[demo:stall-stream]]' },
    interruption: { signal: 'SIGINT', after: 'text_delta' },
  },
  { name: 'sigterm', task: { prompt: '[[demo:stall]]' }, interruption: { signal: 'SIGTERM', after: '"requesting"' } },
];
