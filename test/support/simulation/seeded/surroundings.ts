/** The ports that a simulated engine needs, and that matter little to it. */
import type { ArtifactStore } from '../../../../src/ports/artifact-store.ts';
import type { Gateway } from '../../../../src/ports/gateway.ts';
import type { Logger } from '../../../../src/ports/logger.ts';
import { type FaultRates, type ServerProcess, storeFailure } from './server-process.ts';

export const quietArtifacts: ArtifactStore = {
  put: async (_run, _name, content) => {
    let size = 0;
    for await (const part of content) size += part.length;
    return size;
  },
  get: async () => null,
  remove: async () => undefined,
};

export const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLogger,
};

export const simulatedGateway = (server: ServerProcess, rates: FaultRates): Gateway => ({
  open: () =>
    server.call(rates, storeFailure, async () => ({
      env: {},
      socketDir: null,
      close: async () => undefined,
    })),
  start: async () => undefined,
  stop: async () => undefined,
});
