/** Mistakes that somebody could make in the engine, each as a change of its text. */
import type { Edit } from '../support/edits.ts';

export interface Mistake extends Edit {
  readonly name: string;
}

const TRANSITIONS = 'src/core/transitions.ts';
const FENCE = '  requireLease(run, token);\n';

const inTheRules: readonly Mistake[] = [
  {
    name: 'the offset is not committed with the events',
    file: TRANSITIONS,
    find: 'offset: recording.offset, seen',
    replace: 'offset: run.state.execution.offset, seen',
  },
  {
    name: 'recording does not ask for the lease',
    file: TRANSITIONS,
    find: `recording: Recording, now: Instant): Decision => {\n${FENCE}`,
    replace: 'recording: Recording, now: Instant): Decision => {\n',
  },
  {
    name: 'settling does not ask for the lease',
    file: TRANSITIONS,
    find: `denials: readonly PermissionDenial[] = [],\n): Decision => {\n${FENCE}`,
    replace: 'denials: readonly PermissionDenial[] = [],\n): Decision => {\n',
  },
  {
    name: 'renewing does not ask for the lease',
    file: TRANSITIONS,
    find: `leaseMs: number, now: Instant): Decision => {\n${FENCE}  return { run: withLease(run`,
    replace:
      'leaseMs: number, now: Instant): Decision => {\n  if (!isLive(run)) return unchanged(run);\n  return { run: withLease(run',
  },
  {
    name: 'a run is claimed although its lease is good',
    file: TRANSITIONS,
    find: 'return isLive(run) && leaseOf(run).expiresAt <= now;',
    replace: 'return isLive(run);',
  },
  {
    name: 'a claim keeps the old lease number',
    file: TRANSITIONS,
    find: 'const leaseToken = run.leaseToken + 1;',
    replace: 'const leaseToken = Math.max(1, run.leaseToken);',
  },
  {
    name: 'handing over leaves the lease as it is',
    file: TRANSITIONS,
    find: 'withLease(run, leaseOf(run).holder, now), events',
    replace: 'withLease(run, leaseOf(run).holder, leaseOf(run).expiresAt), events',
  },
  {
    name: 'the first reason to stop is replaced by the next',
    file: TRANSITIONS,
    find: 'if (isTerminal(run) || run.stop !== null) return unchanged(run);',
    replace: 'if (isTerminal(run)) return unchanged(run);',
  },
  {
    name: 'a queued run that is cancelled stays queued',
    file: TRANSITIONS,
    find: "if (run.state.status !== 'queued') return decision;",
    replace: "if (run.state.status !== 'skipped') return decision;",
  },
  {
    name: 'usage that comes late changes a finished run',
    file: TRANSITIONS,
    find: '  if (!isLive(run)) return unchanged(run);\n  const costUsd',
    replace: '  const costUsd',
  },
  {
    name: 'a start that fails goes back to the queue although the run is to end',
    file: TRANSITIONS,
    find: 'again === null || run.stop !== null',
    replace: 'again === null',
  },
  {
    name: 'a wish to stop wins over a success',
    file: TRANSITIONS,
    find: "run.stop !== null && conclusion.status !== 'succeeded'",
    replace: 'run.stop !== null',
  },
];

const inTheEngine: readonly Mistake[] = [
  {
    name: 'a start with a lost answer is repeated as a new attempt',
    file: 'src/engine/open-place.ts',
    find: 'if (!(error instanceof DomainError)) throw error;',
    replace:
      "if (!(error instanceof DomainError)) {\n      await apply((current) => startFailed(current, token, 'lost', null, drive.clock.now()));\n      return null;\n    }",
  },
  {
    name: 'a run that is to end is settled without looking for its place',
    file: 'src/engine/open-place.ts',
    find: '  const execution = await start(drive, run, access, drain)',
    replace:
      '  if (run.stop !== null) {\n    const { stop } = run;\n    await apply((current) => settle(current, token, conclude.stopped(stop, null), [], drive.clock.now()));\n    return null;\n  }\n  const execution = await start(drive, run, access, drain)',
  },
  {
    name: 'a place that does not answer counts as lost',
    file: 'src/engine/open-place.ts',
    find: 'drive.executor.attach(run.state.execution.ref);',
    replace: 'drive.executor.attach(run.state.execution.ref).catch(() => null);',
  },
  {
    name: 'a place is killed before that is written down',
    file: 'src/engine/execute-run.ts',
    find: "        await stopRun(drive, run.id, 'output'",
    replace: "        await execution.kill('output');\n        await stopRun(drive, run.id, 'output'",
  },
  {
    name: 'one look at the lease that fails ends the looking',
    file: 'src/engine/keep-lease.ts',
    find: "else drive.logger.warn({ err: error, runId: run.id }, 'looking after the lease failed');",
    replace: 'else return;',
  },
  {
    name: 'recording goes on after a commit that failed',
    file: 'src/engine/record-output.ts',
    find: 'flushing = flushing.then(() => commit(next));',
    replace: 'flushing = flushing.catch(() => undefined).then(() => commit(next));',
  },
  {
    name: 'the offset passes a line that is not whole',
    file: 'src/engine/split-lines.ts',
    find: 'return consumed;',
    replace: 'return consumed + held;',
  },
  {
    name: 'the last line without a line break is dropped',
    file: 'src/engine/record-output.ts',
    find: 'for (const line of [...stdout.end(), ...stderr.end()]) read(line);',
    replace: '',
  },
  {
    name: 'a place is released before the end is written down',
    file: 'src/engine/finish-run.ts',
    find: '  await recorder.settle(',
    replace: '  await execution.release();\n  await recorder.settle(',
  },
  {
    name: 'a clock speaks for who has lost the lease',
    file: 'src/engine/watch-clocks.ts',
    find: 'next.detail, run.leaseToken);',
    replace: 'next.detail);',
  },
  {
    name: 'a renewal may come after the hand-over',
    file: 'src/engine/execute-run.ts',
    find: '      await lease.done;\n',
    replace: '',
  },
  {
    name: 'a commit that failed is not heard of before the end',
    file: 'src/engine/execute-run.ts',
    find: 'aborted, recorder.broken]',
    replace: 'aborted]',
  },
  {
    name: 'what was read last is not recorded before the end',
    file: 'src/engine/record-output.ts',
    find: 'if (next !== null) return andThen(recorded, next);',
    replace: 'if (next !== null) return next(current);',
  },
];

const CLAIM = 'src/engine/claim-next.ts';

const inClaiming: readonly Mistake[] = [
  {
    name: 'a run that was begun is ended by a server that lacks its executor',
    file: CLAIM,
    find: '!mine && isLeftAlone(current, now)',
    replace: '!mine && isLeftAlone(current, now - 86_400_000) && false',
  },
  {
    name: 'a server drives what it lacks the executor for',
    file: CLAIM,
    find: 'const mine = siteOf(drive, current) !== null;',
    replace: 'const mine = siteOf(drive, current) !== undefined;',
  },
];

const PREPARED = 'src/engine/start-prepared.ts';

const inPreparation: readonly Mistake[] = [
  {
    name: 'nobody asks, after a preparation, whose run it is',
    file: PREPARED,
    find: 'note: write, confirm }',
    replace: 'note: write, confirm: async () => void confirm }',
  },
  {
    name: 'the lease is not kept while a place is prepared',
    file: PREPARED,
    find: 'const lease = keepLease(drive, run, async () => stop.abort(), over.signal);',
    replace: 'void keepLease;\n  const lease = { lost: new AbortController().signal, done: Promise.resolve() };',
  },
  {
    name: 'the wish to end a run does not end its preparation',
    file: PREPARED,
    find: '[drain, lease.lost, stop.signal]',
    replace: '[drain, lease.lost]',
  },
  {
    name: 'a server that leaves waits for the preparation',
    file: PREPARED,
    find: '[drain, lease.lost, stop.signal]',
    replace: '[lease.lost, stop.signal]',
  },
  {
    name: 'a renewal may come after the hand-over of a preparation',
    file: PREPARED,
    find: '    over.abort();\n    await lease.done;\n',
    replace: '    over.abort();\n',
  },
  {
    name: 'a preparation that was broken off counts as a start that failed',
    file: 'src/engine/open-place.ts',
    find: "const leaves = error.code === 'start_aborted' && current.stop === null;",
    replace: 'const leaves = false;',
  },
  {
    name: 'packages that cannot be installed are tried again',
    file: 'src/engine/open-place.ts',
    find: "    case 'packages_failed':\n    case 'source_failed':\n",
    replace: "    case 'source_failed':\n",
  },
];

export const MISTAKES: readonly Mistake[] = [...inTheRules, ...inTheEngine, ...inClaiming, ...inPreparation];
