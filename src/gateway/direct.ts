/**
 * No gateway: places that cannot reach this server talk to the model by themselves, with a key that they are given by
 * Secret Manager. What is lost is said on every run: the agent can read the key, nothing is metered, no budget holds.
 */
import type { Run } from '../core/run.ts';
import type { Gateway, ModelAccess, Witness } from '../ports/gateway.ts';

const WARNING =
  'This run talks to the model without the gateway: the model key is in its place, where the agent can read it, and neither tokens nor cost are metered. Set SLIPWAY_PUBLIC_URL to change that.';

/** @param baseUrl address of the model service */
export const createDirectGateway = (witness: Pick<Witness, 'note'>, baseUrl: string): Gateway => ({
  open: async (run: Run): Promise<ModelAccess> => {
    // Once: whoever takes over a run that is going finds it said already.
    if (run.state.status === 'starting' && run.attempt === 1) {
      await witness.note(run.id, [{ type: 'log', data: { stream: 'slipway', level: 'warn', text: WARNING } }]);
    }
    return { env: { ANTHROPIC_BASE_URL: baseUrl }, socketDir: null, close: async () => undefined };
  },
  start: async () => undefined,
  stop: async () => undefined,
});
