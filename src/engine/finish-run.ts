import type { EventDraft } from '../core/events.ts';
import type { Run } from '../core/run.ts';
import { settle } from '../core/transitions.ts';
import type { Execution } from '../ports/executor.ts';
import type { ModelAccess } from '../ports/gateway.ts';
import { collectFiles } from './collect-files.ts';
import type { Drive } from './deps.ts';
import type { Recorder } from './record-output.ts';

/** Settles a run whose execution has printed its last: verdict, artifacts, terminal event; then the place goes. */
export const finishRun = async (
  drive: Drive,
  run: Run,
  execution: Execution,
  access: ModelAccess,
  recorder: Recorder,
): Promise<void> => {
  const exit = await execution.exit;
  // Before the end is written down: what an answer that is cut now has cost still counts.
  await access.close();
  const artifacts = exit.lost ? [] : await collect(drive, run, execution);
  await recorder.settle((current) => {
    // Of the record as it is then: what the gateway metered, and a wish to stop, came in beside this process's updates.
    const { conclusion, events, denials } = drive.harness.conclude(current, recorder.seen, exit);
    return settle(current, run.leaseToken, conclusion, [...events, ...artifacts], drive.clock.now(), denials);
  });
  await execution.release();
};

/** A run whose files cannot be kept is still a run with an end: the failure is said, the outcome stays. */
const collect = async (drive: Drive, run: Run, execution: Execution): Promise<EventDraft[]> => {
  try {
    return await collectFiles(drive, run, execution);
  } catch (error) {
    drive.logger.error({ err: error, runId: run.id }, 'the files of a run could not be kept');
    const text = 'The changed files could not be kept: storing them failed. The server log says why.';
    return [{ type: 'log', data: { stream: 'slipway', level: 'error', text } }];
  }
};
