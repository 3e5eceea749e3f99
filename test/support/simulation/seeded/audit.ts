/** What must hold at every commit, whatever has failed before. */
import type { EventDraft } from '../../../../src/core/events.ts';
import type { EndReason } from '../../../../src/core/run.ts';
import { isLive, isTerminal, type Offset, type Run } from '../../../../src/core/run.ts';
import { type Decision, TRANSITIONS } from '../../../../src/core/transitions.ts';
import { isFlood, isMessageAt, messagesIn, type Place } from './place.ts';

export interface Audit {
  /** Sees a commit before it is made. `null` for a run's first one. */
  commit(writer: string, before: Run | null, decision: Decision): void;
  /** Sees that `writer` was told that its record of output is not, or may not be, in the database. */
  recordingFailed(writer: string, run: Run): void;
  readonly violations: string[];
  fail(message: string): void;
}

export interface Facts {
  now(): number;
  /** From here on nothing goes wrong any more, and nothing of what went wrong goes on. */
  readonly calmFrom: number;
  /** `seq` of the newest event in the log. */
  lastStored(run: Run): number;
  place(run: Run): Place | null;
  livePlaces(run: Run): readonly Place[];
  /** How long a wish of this server may have been under way, or a print unheard by it. */
  hearingMs(server: string): number;
  /** The executor has said of this attempt that it was not started. */
  refused(run: Run): boolean;
  /** This server has not the executor that runs name. */
  lacks(server: string): boolean;
}

/** Calls are slow at times. */
export const HEARING_MS = 13_000;

/** A renewal may be under way for so long when its sender lets go of the run. */
const LETTING_GO_MS = 15_000;

export const messageOf = (event: EventDraft): string[] =>
  event.type === 'agent.message' ? event.data.content.map((part) => String(part.text)) : [];

/** Said here once more, so that a mistake in the rule of the engine is seen. */
const dueAt = ({ state }: Run): number => {
  if (state.status === 'queued') return state.notBefore;
  return 'lease' in state ? state.lease.expiresAt : Number.POSITIVE_INFINITY;
};

const holderOf = ({ state }: Run): string | null => ('lease' in state ? state.lease.holder : null);

/** Without faults, what a place prints is in the record this soon. */
const RECORDED_MS = 20_000;

/** The offset that a commit passed that also ended the run, and has none: all was read, or nothing more. */
const endOf = ({ text }: Place, from: Offset, recorded: readonly string[]): Offset =>
  recorded.length === 0 ? from : { stdout: text.stdout.length, stderr: text.stderr.length };

export const createAudit = (facts: Facts): Audit => {
  const violations: string[] = [];
  const claimedAt = new Map<string, number>();
  const broken = new Map<string, { readonly lease: number; readonly at: number }>();
  const fail = (message: string): void => {
    violations.push(message);
  };
  const demand = (holds: boolean, run: Run, message: string): void => {
    if (!holds) fail(`run ${run.id} (${run.state.status}, attempt ${run.attempt}): ${message}`);
  };

  const numbering = (before: Run | null, { run, events }: Decision): void => {
    const from = before?.lastSeq ?? 0;
    demand(facts.lastStored(run) === from, run, 'the record and its events were not committed together');
    const gapless = events.every((event, index) => event.seq === from + 1 + index);
    demand(gapless && run.lastSeq === from + events.length, run, 'event numbers have a gap or a repetition');
  };
  const transition = (before: Run, run: Run, writer: string): void => {
    const from = before.state.status;
    const to = run.state.status;
    // Claimed and refused in one commit.
    const isRefused = facts.lacks(writer) && from === 'queued' && to === 'failed';
    if (from !== to && !isRefused) demand(TRANSITIONS[from].includes(to), run, `cannot come from ${from}`);
    if (run.leaseToken !== before.leaseToken) {
      const leaves = facts.lacks(writer) && isLive(before);
      demand(!leaves, run, `${writer} took a run that was begun where it cannot look`);
      claimedAt.set(run.id, facts.now());
      demand(run.leaseToken === before.leaseToken + 1, run, 'the lease token did not go up by one');
      demand(dueAt(before) <= facts.now(), run, `${writer} claimed what was not to be had`);
      demand(run.attempt === before.attempt + (from === 'queued' ? 1 : 0), run, 'a claim counted a start wrongly');
      return;
    }
    if (!isLive(before) || run.state === before.state) return;
    const holder = holderOf(before);
    demand(holder === writer, run, `${writer} wrote under the lease of ${holder}`);
    if (from === 'starting' && to === 'queued') demand(facts.refused(before), run, 'nobody said that its start failed');
    const failed = broken.get(run.id);
    const isRenewed = dueAt(run) > Math.max(dueAt(before), facts.now());
    if (failed?.lease !== run.leaseToken || !isRenewed || run.stop !== null) return;
    const patience = LETTING_GO_MS + facts.hearingMs(writer);
    demand(facts.now() - failed.at <= patience, run, `${writer} went on after its record of output failed`);
  };
  const stopping = (before: Run, run: Run, writer: string): void => {
    demand(run.state.status !== 'queued' || run.stop === null, run, 'is to end, and waits');
    if (before.stop !== null) demand(run.stop === before.stop, run, 'the first reason to stop was replaced');
    if (before.stop !== null || run.stop === null) return;
    const place = facts.place(run);
    const { reason, at } = run.stop;
    const isByClock = reason === 'idle' || reason === 'deadline';
    if (isByClock) demand(holderOf(before) === writer, run, `the clock of ${writer} counted, who does not hold it`);
    if (place === null) return;
    const quiet =
      (place.printed.findLast((piece) => piece.at <= at - facts.hearingMs(writer))?.at ?? place.startedAt) +
      run.task.limits.idleSeconds * 1_000;
    if (reason === 'idle') demand(at >= quiet, run, `${writer} says idle of a place that prints`);
    if (reason === 'deadline') demand(at >= place.startedAt + run.task.limits.timeoutSeconds * 1_000, run, 'too early');
  };
  const output = (before: Run, { run, events }: Decision): void => {
    const place = facts.place(before);
    if (before.state.status !== 'running' || place === null) return;
    const from = before.state.execution.offset;
    const recorded = events.flatMap(messageOf);
    const to = run.state.status === 'running' ? run.state.execution.offset : endOf(place, from, recorded);
    demand(to.stdout >= from.stdout && to.stderr >= from.stderr, run, 'the offset went back');
    const passed = messagesIn(place.text.stdout.slice(from.stdout, to.stdout));
    // With the end comes the rest; whether it is the whole rest is looked at when all is over.
    const printed = isTerminal(run) ? passed.slice(0, recorded.length) : passed;
    const isCut = isTerminal(run) && isFlood(place);
    demand(isCut || printed.join('|') === recorded.join('|'), run, `recorded ${recorded}, but it printed ${printed}`);
    const held = claimedAt.get(run.id) ?? 0;
    const late = place.printed.find(
      ({ at, stream, end }) =>
        end > from[stream] &&
        end <= to[stream] &&
        isMessageAt(place.text[stream], end) &&
        at > facts.calmFrom &&
        at > held &&
        facts.now() - at > RECORDED_MS,
    );
    demand(late === undefined, run, 'its output was written down far too late');
  };
  const end = (before: Run | null, run: Run): void => {
    if (!isTerminal(run)) return;
    if (before !== null && isTerminal(before)) {
      demand(run === before, run, 'a finished run was changed');
      return;
    }
    demand(facts.livePlaces(run).length === 0, run, 'the end was written down while its place was alive');
    const { status } = run.state;
    const exit = facts.place(run)?.exit;
    const fine = exit?.code === 0 && facts.place(run)?.text.stdout.includes('done ') === true;
    if (status === 'succeeded') demand(fine, run, 'success of a place that did not succeed');
    if (status === 'cancelled') demand(run.stop?.reason === 'cancelled', run, 'nobody cancelled it');
    if (status === 'timed_out') demand(run.stop?.reason === 'idle' || run.stop?.reason === 'deadline', run, 'no clock');
    const place = facts.place(run);
    const whole = fine && place !== null && !place.gone && !isFlood(place);
    demand(!whole || status === 'succeeded', run, 'a success was not reported');
  };
  const usage = (before: Run, run: Run, events: readonly EventDraft[]): void => {
    const more = events.reduce((sum, event) => sum + (event.type === 'usage' ? event.data.inputTokens : 0), 0);
    const total = before.tokenUsage.inputTokens + more;
    demand(run.tokenUsage.inputTokens === total, run, 'the tokens are not the sum of what was metered');
  };

  return {
    violations,
    fail,
    recordingFailed: (writer, run) => {
      // Who lost the lease meanwhile is told so by its next call, whatever this one was told.
      if (holderOf(run) === writer) broken.set(run.id, { lease: run.leaseToken, at: facts.now() });
    },
    commit: (writer, before, decision) => {
      numbering(before, decision);
      end(before, decision.run);
      if (before === null) return;
      if (isTerminal(before)) demand(decision.events.length === 0, before, 'events follow the last one');
      transition(before, decision.run, writer);
      stopping(before, decision.run, writer);
      output(before, decision);
      usage(before, decision.run, decision.events);
    },
  };
};

/** Nothing is killed before the wish to end it is durable. */
export const auditKill = (audit: Audit, run: Run | null, place: Place, reason: EndReason): void => {
  if (run !== null && (run.stop !== null || isTerminal(run) || run.attempt !== place.job.attempt)) return;
  audit.fail(`place ${place.ref} was killed (${reason}) before that was written down`);
};
