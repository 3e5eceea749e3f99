/**
 * A run's events for a reader: first those that are stored, then those that come, under one cursor. Nothing is held
 * back here but a bounded tail of deltas, which are worth nothing to who comes late.
 */
import { type Delta, type RunEvent, TERMINAL_EVENT_TYPES } from '../core/events.ts';
import type { RunId } from '../core/ids.ts';
import { onceFor } from '../core/once-for.ts';
import { isTerminal } from '../core/run.ts';
import type { Engine } from './deps.ts';
import { createWake } from './wake.ts';

export type Followed =
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'delta'; readonly delta: Delta }
  /** Nothing came for a while: time to show the other side that the line is alive. */
  | { readonly kind: 'idle' };

const BATCH = 200;
/** What a reader that does not read may keep in memory, whatever its run prints: characters of events, and of deltas. */
const MAX_HELD = 256 * 1024;
const MAX_DELTAS = 512;
const IDLE_MS = 15_000;
/** Events that another process committed are found by looking. */
const LOOK_MS = 1_000;

/** Nothing can come any more: the run has ended or was deleted, and there is no event after `seq`. */
const isSilent = async ({ stores }: Engine, id: RunId, seq: number): Promise<boolean> => {
  const run = await stores.runs.get(id);
  if (run !== null && !isTerminal(run)) return false;
  return (await stores.runs.events(id, seq, 1)).length === 0;
};

/** Characters of an event's data. */
const sizeOf = onceFor(({ data }: RunEvent): number => JSON.stringify(data).length);

/** So large that the store may have kept back what follows. */
const isLarge = (events: readonly RunEvent[]): boolean =>
  events.reduce((sum, event) => sum + sizeOf(event), 0) >= MAX_HELD / 2;

/** Events after `after`, until the run's last one, or until it is deleted, or until `signal` aborts. */
export async function* followRun(
  engine: Engine,
  id: RunId,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  const wake = createWake(engine.clock);
  const deltas: Delta[] = [];
  let held = 0;
  const unsubscribe = [
    engine.notifier.onChanged(id, wake.ring),
    engine.notifier.onDelta(id, (delta) => {
      deltas.push(delta);
      held += delta.text.length;
      while (deltas.length > MAX_DELTAS || (held > MAX_HELD && deltas.length > 1)) {
        held -= deltas.shift()?.text.length ?? 0;
      }
      wake.ring();
    }),
  ];
  signal.addEventListener('abort', wake.ring);
  try {
    let seq = after;
    let spokeAt = engine.clock.now();
    while (!signal.aborted) {
      wake.reset();
      const events = await engine.stores.runs.events(id, seq, BATCH, MAX_HELD);
      for (const event of events) {
        yield { kind: 'event', event };
        seq = event.seq;
        if (TERMINAL_EVENT_TYPES.includes(event.type)) return;
      }
      held = 0;
      for (const delta of deltas.splice(0)) yield { kind: 'delta', delta };
      if (events.length > 0) spokeAt = engine.clock.now();
      if (events.length === BATCH || isLarge(events)) continue;
      await wake.wait(LOOK_MS);
      if (engine.clock.now() - spokeAt < IDLE_MS) continue;
      // Who follows beyond the last event, or a run that is deleted meanwhile, would wait for ever.
      if (await isSilent(engine, id, seq)) return;
      spokeAt = engine.clock.now();
      yield { kind: 'idle' };
    }
  } finally {
    signal.removeEventListener('abort', wake.ring);
    for (const stop of unsubscribe) stop();
  }
}
