/**
 * Loaded into a server before its own code, by NODE_OPTIONS: the program at TEST_AGENT_PROGRAM stands in for the agent's
 * own, to see what the server does with a program that behaves as the real one never does.
 */
import { registerHooks } from 'node:module';

const path = JSON.stringify(process.env.TEST_AGENT_PROGRAM);
registerHooks({
  load: (url, context, next) =>
    url.endsWith('/src/system/claude-binary.ts')
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export const findClaude = () => ({ path: ${path}, version: '0.0.0' });`,
        }
      : next(url, context),
});
