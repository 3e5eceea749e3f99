/** What must hold when all is over. */
import type { RunEvent } from '../../../../src/core/events.ts';
import { TERMINAL_EVENT_TYPES } from '../../../../src/core/events.ts';
import { isTerminal, type Run } from '../../../../src/core/run.ts';
import { messageOf } from './audit.ts';
import { isFlood, linesOf, messagesIn, type Place } from './place.ts';
import type { Wishes } from './simulate.ts';
import type { Simulation } from './simulation.ts';

/** The last item may be cut: the output limit falls where it falls. */
const isBeginning = (part: readonly string[], whole: readonly string[]): boolean =>
  part.every((item, index) =>
    index === part.length - 1 ? whole[index]?.startsWith(item) === true : item === whole[index],
  );

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index]);

const logOf = (event: RunEvent): string[] =>
  event.type === 'log' && event.data.stream === 'stderr' ? [event.data.text] : [];

/** What was recorded of a place is what it printed, each line once and in order. */
const recordIsTrue = (events: readonly RunEvent[], place: Place): boolean => {
  const messages = events.flatMap(messageOf);
  const logs = events.flatMap(logOf);
  const said = messagesIn(place.text.stdout);
  const logged = linesOf(place.text.stderr);
  const partial = place.gone || isFlood(place);
  return partial
    ? isBeginning(messages, said) && isBeginning(logs, logged)
    : same(messages, said) && same(logs, logged);
};

const checkRun = async (simulation: Simulation, wishes: Wishes, run: Run): Promise<string[]> => {
  const faults: string[] = [];
  if (!isTerminal(run)) return [`it did not end: ${run.state.status}`];
  const events = await simulation.database.runs.events(run.id, 0, 100_000);
  if (events.some((event, index) => event.seq !== index + 1)) faults.push('its event log has a gap');
  const ends = events.filter((event) => TERMINAL_EVENT_TYPES.includes(event.type));
  if (ends.length !== 1 || ends[0] !== events.at(-1)) faults.push('its last event is not its one end');
  const place = simulation.places.ever.get(`${run.id}/${run.attempt}`);
  if (place !== undefined && !recordIsTrue(events, place)) {
    faults.push('its record is not what its place printed');
  }
  if (run.state.status === 'succeeded' && !place?.text.stdout.includes(`done ${run.state.result.text}`)) {
    faults.push('its result is not what its place said');
  }
  const metered = events.flatMap((event) => (event.type === 'usage' ? [event.data.inputTokens] : []));
  for (const { id, tokens } of wishes.metered) {
    if (id === run.id && !metered.includes(tokens)) faults.push(`${tokens} metered tokens are not in its record`);
  }
  if (metered.reduce((sum, tokens) => sum + tokens, 0) !== run.tokenUsage.inputTokens) faults.push('its sum is wrong');
  if (wishes.cancelled.has(run.id) && run.stop === null) faults.push('a cancel was accepted and forgotten');
  return faults;
};

export const checkEnd = async (simulation: Simulation, wishes: Wishes): Promise<void> => {
  const { audit, database, places } = simulation;
  for (const id of wishes.accepted) if (!database.newest.has(id)) audit.fail(`run ${id} was accepted and is not there`);
  for (const run of database.newest.values()) {
    const faults = await checkRun(simulation, wishes, run);
    for (const fault of faults) audit.fail(`run ${run.id}: ${fault}`);
  }
  const server = simulation.boot();
  await server.drive.executor.sweep(async (id) => {
    const run = database.newest.get(id);
    return run === undefined || isTerminal(run);
  });
  if (places.present.size > 0) audit.fail(`places were left behind: ${[...places.present.keys()]}`);
};
