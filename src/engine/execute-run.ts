/**
 * Drives one claimed run from its start, or from wherever another process left it, to its end:
 *
 *   claimed ──start or attach──▶ running: record output, keep the lease, watch the clocks ──▶ ended: conclude, settle, release
 *
 * Whatever goes wrong in here, the record says how far it got, and the next holder of the lease goes on from there. Who
 * has lost the lease, or is told to drain, lets go of the run and touches nothing of it.
 */
import { isDomainError } from '../core/errors.ts';
import { isLive, isTerminal, type Run } from '../core/run.ts';
import { handOver } from '../core/transitions.ts';
import type { Execution } from '../ports/executor.ts';
import type { ModelAccess } from '../ports/gateway.ts';
import { decideDriven, decideHeld } from './decide-driven.ts';
import type { Drive } from './deps.ts';
import { finishRun } from './finish-run.ts';
import { firstOfSignals } from './first-of-signals.ts';
import { keepLease } from './keep-lease.ts';
import { type Opened, openPlace } from './open-place.ts';
import { createRecorder, type Recorder } from './record-output.ts';
import { stopRun } from './request-stop.ts';
import { siteOf } from './site-of.ts';
import { watchClocks } from './watch-clocks.ts';

/** Resolves when the run is over, is in other hands, or was handed over because `drain` aborted. Never rejects. */
export const executeRun = async (worker: Drive, claimed: Run, drain: AbortSignal): Promise<void> => {
  const logger = worker.logger.child({ runId: claimed.id, lease: claimed.leaseToken });
  try {
    const drive = siteOf(worker, claimed);
    if (drive === null) {
      // It was ended with its claim.
      await tell(worker, claimed);
      return;
    }
    const access = await drive.gateway.open(claimed);
    const opened = await openPlace(drive, claimed, access, drain);
    if (opened !== null) await drivePlace(drive, opened, access, drain);
    const after = await drive.stores.runs.get(claimed.id);
    // While a place may have the job, its way to the model stays: another process opens it again.
    if (after === null || !isLive(after)) await access.close();
    if (after !== null && isTerminal(after)) await tell(drive, after);
  } catch (error) {
    if (isDomainError(error, 'lease_lost')) logger.info({}, 'lease lost: another process goes on with the run');
    else logger.error({ err: error }, 'driving the run failed: it goes on when its lease has run out');
  }
};

const tell = async (drive: Drive, run: Run): Promise<void> => {
  drive.metrics.finished(run);
  await drive.concluded(run);
};

const drivePlace = async (
  drive: Drive,
  { run, execution }: Opened,
  access: ModelAccess,
  drain: AbortSignal,
): Promise<void> => {
  const over = new AbortController();
  drive.held?.begin(run.id);
  const recorder = createRecorder(drive, run);
  const clocks = watchClocks(drive, run, execution.exit, over.signal);
  const lease = keepLease(drive, run, (reason) => execution.kill(reason), over.signal);
  const letGo = firstOfSignals([drain, lease.lost]);
  try {
    const reading = await pump(drive, run, execution, recorder, clocks.heard, letGo.signal);
    if (reading === 'let go') {
      await recorder.flush();
      // First: a renewal that is under way would take back what is handed over.
      over.abort();
      await lease.done;
      drive.held?.end(run.id);
      await decideDriven(drive, run.id, (current) => handOver(current, run.leaseToken, drive.clock.now()));
      return;
    }
    if (reading === 'read') recorder.finish();
    await finishRun(drive, run, execution, access, recorder);
  } finally {
    letGo.release();
    over.abort();
    recorder.close();
    await Promise.all([clocks.done, lease.done]);
    await decideHeld(drive, run.id);
  }
};

/** Records output until there is no more, until there was too much, or until it is told to let go. */
const pump = async (
  drive: Drive,
  run: Run,
  execution: Execution,
  recorder: Recorder,
  heard: () => void,
  letGo: AbortSignal,
): Promise<'read' | 'cut' | 'let go'> => {
  if (run.state.status !== 'running') return 'read';
  const aborted = new Promise<null>((resolve) => {
    if (letGo.aborted) resolve(null);
    letGo.addEventListener('abort', () => resolve(null), { once: true });
  });
  const output = execution.output(run.state.execution.offset)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([output.next(), aborted, recorder.broken]);
      if (next === null) return 'let go';
      if (next.done === true) return 'read';
      heard();
      const { stdout, stderr } = next.value.next;
      if (stdout + stderr > run.task.limits.maxOutputBytes) {
        await stopRun(drive, run.id, 'output', `${run.task.limits.maxOutputBytes} bytes`);
        await execution.kill('output');
        return 'cut';
      }
      await recorder.take(next.value);
    }
  } finally {
    // Not awaited: a generator that waits for output would answer only when some comes.
    output.return?.()?.catch(() => undefined);
  }
};
