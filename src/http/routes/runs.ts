/** /runs */
import { decodeTask } from '../../api/decode.ts';
import { encodeRun, encodeTask } from '../../api/encode.ts';
import { runOperations as operations } from '../../api/run-operations.ts';
import type { AgentId } from '../../core/ids.ts';
import type { Run } from '../../core/run.ts';
import { cancelRun } from '../../engine/cancel-run.ts';
import { readRun } from '../../engine/read-run.ts';
import { retryRun } from '../../engine/retry-run.ts';
import { submitRun } from '../../engine/submit-run.ts';
import { type Answer, type AnswerOnce, jsonAnswer } from '../answer-once.ts';
import { type Bind, runIdOf, userOf } from '../bind.ts';
import type { HttpOptions } from '../options.ts';

const accepted = (run: Run): Answer => jsonAnswer(202, encodeRun(run), { location: `/runs/${run.id}` });

/** Binds the operations on runs. */
export const bindRuns = (bind: Bind, { engine }: HttpOptions, answerOnce: AnswerOnce): void => {
  bind(operations.createRun, (call) => {
    const task = decodeTask(call.body);
    const trigger = { kind: 'manual', firedFor: null } as const;
    return answerOnce(
      call,
      (once) => submitRun(engine, { userId: userOf(call.c), task, agent: null, trigger }, once),
      accepted,
    );
  });

  bind(operations.listRuns, async ({ c, query }) => {
    const filter = {
      userId: userOf(c),
      ...(query.agentId === undefined ? {} : { agentId: query.agentId as AgentId }),
      ...(query.status === undefined ? {} : { statuses: query.status }),
      ...(query.from === undefined ? {} : { from: query.from }),
      ...(query.to === undefined ? {} : { to: query.to }),
    };
    const { items, next } = await engine.stores.runs.list(filter, { limit: query.limit, cursor: query.page ?? null });
    return c.json({ data: items.map(encodeRun), nextPage: next });
  });

  bind(operations.readRun, async ({ c }) => c.json(encodeRun(await readRun(engine, userOf(c), runIdOf(c)))));

  bind(operations.readTask, async ({ c }) => c.json(encodeTask(await readRun(engine, userOf(c), runIdOf(c)))));

  bind(operations.cancelRun, async ({ c }) => {
    const { run, accepted: willEnd } = await cancelRun(engine, userOf(c), runIdOf(c));
    return c.json(encodeRun(run), willEnd ? 202 : 200);
  });

  bind(operations.retryRun, (call) => {
    const runId = runIdOf(call.c);
    return answerOnce(call, (once) => retryRun(engine, userOf(call.c), runId, once), accepted);
  });
};
