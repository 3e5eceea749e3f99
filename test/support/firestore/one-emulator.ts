/**
 * One emulator for a whole test run, started when the first test file asks for it: the setup of vitest's main process
 * listens on a port of its own and answers with the emulator's address.
 */
import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { type Emulator, FIRESTORE, findSdkEmulator, openSdkEmulator } from '../cloud-sdk/emulator.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for the emulator; the reason why there is none otherwise. */
    readonly firestore: { readonly ask: string } | { readonly reason: string };
  }
}

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const source = findSdkEmulator(FIRESTORE);
  if (source.kind === 'none') {
    project.provide('firestore', { reason: source.reason });
    return async () => undefined;
  }
  let starting: Promise<Emulator> | null = null;
  const start = (): Promise<Emulator> => {
    starting ??= openSdkEmulator(FIRESTORE);
    return starting;
  };
  const server = createServer(async (_request, response) => {
    try {
      response.end((await start()).host);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  project.provide('firestore', { ask: `http://127.0.0.1:${port}/` });
  return async () => {
    server.close();
    server.closeAllConnections();
    await (await starting)?.stop();
  };
};
