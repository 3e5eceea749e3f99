/** A harness whose agent speaks plainly: `say X` is a message, `deny X` a denial, `done X` the result. */
import { conclude } from '../../../src/core/conclusion.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Harness, Reading } from '../../../src/ports/harness.ts';

const nothing = (seen: Json): Reading => ({ seen, events: [], deltas: [], denials: [], model: null });

export const createSimulatedHarness = (): Harness => ({
  name: 'simulated',
  check: () => [],
  transcriptPath: () => 'transcript',
  plan: (run) => ({
    program: 'agent',
    args: [],
    stdin: new TextEncoder().encode(run.task.prompt),
    env: {},
    files: [],
    keep: [],
  }),
  fresh: null,
  read: (seen, { stream, text }) => {
    if (stream === 'stderr') {
      return { ...nothing(seen), events: [{ type: 'log', data: { stream, level: 'info', text } }] };
    }
    const [verb, ...rest] = text.split(' ');
    const words = rest.join(' ');
    if (verb === 'done') return nothing(words);
    if (verb === 'deny') return { ...nothing(seen), denials: [{ tool: words, toolUseId: words, input: {} }] };
    const content = [{ type: 'text', text: words }];
    return { ...nothing(seen), events: [{ type: 'agent.message', data: { messageId: 'm', content } }] };
  },
  conclude: (_run, seen, exit) => {
    if (exit.lost) return { conclusion: conclude.placeLost(), events: [], denials: [] };
    const { limitsHit } = exit;
    if (exit.code === 0 && typeof seen === 'string') {
      const result = { text: seen, structured: null };
      return {
        conclusion: { status: 'succeeded', stopReason: 'end_turn', limitsHit, result },
        events: [],
        denials: [],
      };
    }
    const failure = { code: 'harness_failed', message: `exit ${exit.code}`, hint: null } as const;
    const conclusion = { status: 'failed', stopReason: 'error', limitsHit, result: null, failure } as const;
    return { conclusion, events: [], denials: [] };
  },
});
