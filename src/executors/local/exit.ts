/** How an execution ended: waits for it, makes sure that nothing is left alive, and writes the answer down once. */
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { END_REASONS, type EndReason, type LimitHit } from '../../core/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Exit } from '../../ports/executor.ts';
import { openBell } from './bell.ts';
import { hitsOf, removeGroups } from './cgroup.ts';
import { lineOf, type Place, type PlaceRecord, recordOf, textOf, writeOnce } from './place.ts';
import { endStrays, forceToEnd, supervisorOf } from './survivors.ts';

const LOOK_MS = 100;
const LOST: Exit = { code: null, signal: null, endedBy: null, limitsHit: [], lost: true };

/** The exit that was written down; null before. Decoder of our own file. */
export const outcomeOf = (place: Place): Exit | null => {
  const text = textOf(place, 'outcome');
  return text === null ? null : (JSON.parse(text) as Exit);
};

/** Whether the supervisor has seen the end, or will see none. */
const ending = (place: Place): { readonly line: string | null } | null => {
  const line = lineOf(place, 'exit');
  if (line !== null) return { line };
  if (supervisorOf(place) !== null) return null;
  // It may have written its last line between the two looks.
  return { line: lineOf(place, 'exit') };
};

/** Resolves when nothing of the execution is alive; never rejects. */
export const awaitExit = async (place: Place, clock: Clock): Promise<Exit> => {
  const bell = openBell(place, ['exit', 'outcome'], clock);
  try {
    for (;;) {
      const known = outcomeOf(place);
      if (known !== null) return known;
      const record = recordOf(place);
      if (record === null) return LOST;
      const end = ending(place);
      if (end !== null) return await conclude(place, record, end.line, clock);
      await bell.wait(LOOK_MS);
    }
  } catch {
    // The directory was removed under us: whoever did it was told the exit, and nobody can be any more.
    return outcomeOf(place) ?? LOST;
  } finally {
    bell.close();
  }
};

const conclude = async (place: Place, record: PlaceRecord, line: string | null, clock: Clock): Promise<Exit> => {
  while (forceToEnd(place, record).length > 0) await clock.sleep(2);
  while (line === null && endStrays(place).length > 0) await clock.sleep(2);
  const exit = line === null ? unwritten(place) : exitFrom(place, record, line);
  try {
    // Before the groups and their counters go, so that whoever looks later is told the same.
    writeOnce(place, 'outcome', JSON.stringify(exit));
  } catch {
    // The disk is full, or the place was released meanwhile: it is true all the same, and the counters stay.
    return exit;
  }
  await removeGroups(record.fence, clock);
  return outcomeOf(place) ?? exit;
};

/** The end of a place whose supervisor left no line: it had no room to write one, or it was killed with the machine. */
const unwritten = (place: Place): Exit => {
  if (textOf(place, 'exit') !== '') return LOST;
  return { code: null, signal: null, endedBy: reasonOf(place), limitsHit: ['disk'], lost: false };
};

const exitFrom = (place: Place, record: PlaceRecord, line: string): Exit => {
  const [status = '', by] = line.split(' ');
  const { code, signal } = decodeStatus(Number(status));
  const limitsHit = new Set<LimitHit>(hitsOf(record.fence));
  const limit = lineOf(place, 'limit');
  if (limit === 'deadline') limitsHit.add('deadline');
  // No line, where there is a file: not even that could be written.
  if (limit === 'disk' || textOf(place, 'limit') === '') limitsHit.add('disk');
  const printed = sizeOf(place, 'stdout') + sizeOf(place, 'stderr');
  if (printed > record.maxOutputBytes) limitsHit.add('output');
  else if (signal === 'SIGXFSZ') limitsHit.add('disk');
  return { code, signal, endedBy: by === 'killed' ? reasonOf(place) : null, limitsHit: [...limitsHit], lost: false };
};

const sizeOf = (place: Place, stream: 'stdout' | 'stderr'): number =>
  statSync(place.path(stream), { throwIfNoEntry: false })?.size ?? 0;

/** Why the execution was killed; null when nobody asked for it. */
export const reasonOf = (place: Place): EndReason | null => {
  const text = textOf(place, 'kill');
  return END_REASONS.find((reason) => reason === text) ?? null;
};

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
const SIGNAL_BASE = 128;

/**
 * Shells and bubblewrap tell a signal as 128 + its number. A program that exits with such a status by itself, as a
 * shell does whose last command was killed, and as the CLI does on SIGTERM, is told the same way.
 */
export const decodeStatus = (status: number): Pick<Exit, 'code' | 'signal'> => {
  const signal = SIGNALS.get(status - SIGNAL_BASE);
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
};
