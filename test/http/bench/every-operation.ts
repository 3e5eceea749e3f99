/** A bench with one agent, one run and one key, and what it takes to call any operation on them. */
import { operationList } from '../../../src/api/openapi.ts';
import type { Operation } from '../../../src/api/operations.ts';
import type { UserId } from '../../../src/core/ids.ts';
import { createKey } from '../../../src/engine/keys.ts';
import { openBench } from './open-bench.ts';
import { readJson } from './read-json.ts';

const MINIMAL: Readonly<Record<string, object>> = {
  createTurn: { message: 'do it' },
  createRun: { prompt: 'x' },
  createAgent: { name: 'x', prompt: 'x' },
  updateAgent: { name: 'x' },
  createKey: { name: 'x' },
};

/** The smallest body that an operation takes. */
export const minimal = (operation: Operation): object => MINIMAL[operation.id] ?? {};
export const bodyOf = (operation: Operation): object | undefined =>
  operation.body === null ? undefined : minimal(operation);

/** The operations that `wanted` is true of, as rows of a table. */
export const named = (wanted: (operation: Operation) => boolean) =>
  operationList.filter(wanted).map((operation) => [operation.id, operation] as const);

/** Ids to be put in the place of those that are there. */
interface Ids {
  readonly agent?: string;
  readonly run?: string;
  readonly conversation?: string;
  readonly key?: string;
}

export const openTried = async () => {
  const bench = await openBench();
  const agent = await bench.call('POST', '/agents', { name: 'mine', prompt: 'do it' });
  const run = await bench.call('POST', '/runs', { prompt: 'do it' });
  const { id: agentId } = await readJson<{ id: string }>(agent);
  const { id: runId } = await readJson<{ id: string }>(run);
  const { key } = await createKey(bench.engine, 'local' as UserId, 'mine');
  return {
    bench,
    agentId,
    runId,
    keyId: key.id,
    addressOf: ({ path }: Operation, ids: Ids = {}): string =>
      path
        .replace('{agentId}', ids.agent ?? agentId)
        .replace('{runId}', ids.run ?? runId)
        .replace('{conversationId}', ids.conversation ?? UNKNOWN_CONVERSATION)
        .replace('{keyId}', ids.key ?? key.id)
        .replace('{path}', 'a/b.txt'),
    call: (operation: Operation, address: string, body?: unknown, headers?: Record<string, string>) =>
      bench.call(operation.method.toUpperCase(), address, body, headers),
  };
};

/** No conversation has it: what conversations say to their own users, `conversations.test.ts` asks. */
export const UNKNOWN_CONVERSATION = '0198f1a2-0000-7000-8000-00000000c0de';

export type Tried = Awaited<ReturnType<typeof openTried>>;
