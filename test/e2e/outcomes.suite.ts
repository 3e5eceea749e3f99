/** Every way in which the model, the CLI or a limit can end a run, through the real CLI. The same for every executor. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stage } from '../support/server/stage.ts';

interface Expected {
  readonly status: string;
  readonly stopReason: string;
  readonly code?: string;
  readonly limitsHit?: readonly string[];
}
const OBJECT = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };

const TABLE: readonly [string, object, Expected][] = [
  ['[[demo:hello]]', {}, { status: 'succeeded', stopReason: 'end_turn' }],
  ['[[demo:multi-tool]]', { allowedTools: ['Bash'] }, { status: 'succeeded', stopReason: 'end_turn' }],
  ['[[demo:thinking]]', {}, { status: 'succeeded', stopReason: 'end_turn' }],
  ['[[demo:denied]]', {}, { status: 'succeeded', stopReason: 'permission_denied' }],
  ['[[demo:write-outside]] /etc/owned', {}, { status: 'succeeded', stopReason: 'permission_denied' }],
  ['[[demo:structured-ok]]', { outputSchema: OBJECT }, { status: 'succeeded', stopReason: 'end_turn' }],
  [
    '[[demo:structured-none]]',
    { outputSchema: OBJECT },
    { status: 'failed', stopReason: 'error', code: 'output_schema_mismatch' },
  ],
  ['[[demo:error-400]]', {}, { status: 'failed', stopReason: 'error', code: 'model_request_refused' }],
  ['[[demo:error-404]]', {}, { status: 'failed', stopReason: 'error', code: 'model_request_refused' }],
  ['[[demo:error-401]]', {}, { status: 'failed', stopReason: 'error', code: 'model_credentials_refused' }],
  ['[[demo:error-403]]', {}, { status: 'failed', stopReason: 'error', code: 'model_credentials_refused' }],
  ['[[demo:error-429]]', {}, { status: 'succeeded', stopReason: 'end_turn' }],
  ['[[demo:error-usage-limit]]', {}, { status: 'failed', stopReason: 'usage_limited', code: 'usage_limited' }],
  ['[[demo:error-500]]', {}, { status: 'succeeded', stopReason: 'end_turn' }],
  ['[[demo:error-529]]', {}, { status: 'succeeded', stopReason: 'end_turn' }],
  ['[[demo:error-529-forever]]', {}, { status: 'failed', stopReason: 'error', code: 'model_unavailable' }],
  ['[[demo:cut]]', {}, { status: 'succeeded', stopReason: 'end_turn' }],
  [
    '[[demo:max-turns]]',
    { limits: { maxTurns: 2 }, allowedTools: ['Bash'] },
    { status: 'failed', stopReason: 'max_turns', code: 'max_turns' },
  ],
  [
    '[[demo:costly]]',
    { limits: { maxBudgetUsd: 2 }, allowedTools: ['Bash'] },
    { status: 'failed', stopReason: 'budget_reached', code: 'budget_reached' },
  ],
  [
    '[[demo:unpriced]]',
    { limits: { maxBudgetUsd: 2 } },
    { status: 'failed', stopReason: 'error', code: 'model_price_unknown' },
  ],
  [
    '[[demo:stall]]',
    { limits: { idleSeconds: 3 } },
    { status: 'timed_out', stopReason: 'idle', code: 'idle', limitsHit: ['idle'] },
  ],
  [
    '[[demo:slow]]',
    { limits: { timeoutSeconds: 3 } },
    { status: 'timed_out', stopReason: 'deadline', code: 'deadline', limitsHit: ['deadline'] },
  ],
  [
    '[[demo:huge]] 3000000',
    { limits: { maxOutputBytes: 200_000 } },
    { status: 'failed', stopReason: 'error', code: 'output', limitsHit: ['output'] },
  ],
];

/** A run that names hosts, where the list is enforced, and where it is not. */
const HOSTS: Readonly<Record<string, Expected>> = {
  local: { status: 'succeeded', stopReason: 'end_turn' },
  'cloud-build': { status: 'failed', stopReason: 'error', code: 'place_failed' },
};

export const describeOutcomes = (executor: 'local' | 'cloud-build', open: () => Promise<Stage>): void => {
  const expected = HOSTS[executor] ?? { status: 'failed', stopReason: 'error' };
  const hosts: (typeof TABLE)[number] = ['[[demo:hello]]', { network: { allow: ['api.example.com'] } }, expected];
  describe(`outcomes: ${executor}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await open();
    });
    afterAll(() => stage.close());

    describe('the outcome of', () => {
      it.concurrent.each([...TABLE, hosts])(
        '%s with %j is honest',
        async (prompt, fields, expected) => {
          const { run, events } = await stage.run(prompt, fields);
          const shown = JSON.stringify({ run, events: events.slice(-6) });
          expect({ status: run.status, stopReason: run.stopReason, code: run.error?.code }, shown).toEqual({
            status: expected.status,
            stopReason: expected.stopReason,
            code: expected.code,
          });
          expect(run.limitsHit ?? []).toEqual(expected.limitsHit ?? []);
          if (expected.code !== undefined) expect(run.error.hint.length).toBeGreaterThan(20);
          expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
          expect(events.at(-1).type).toBe(`run.${expected.status}`);
          if (expected.stopReason === 'permission_denied') {
            expect(run.permissionDenials).toHaveLength(1);
            expect(events.filter((event) => event.type === 'agent.denied')).toHaveLength(1);
          }
        },
        120_000,
      );

      it('refused credentials comes within five seconds of the refusal', async () => {
        const { events } = await stage.run('[[demo:error-401]]');
        const refused = events.find((event) => event.type === 'run.stopping');
        const ended = events.at(-1);
        expect(Date.parse(ended.at) - Date.parse(refused.at)).toBeLessThan(5_000);
      }, 60_000);
    });
  });
};
