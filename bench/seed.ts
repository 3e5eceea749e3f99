/**
 * `node bench/seed.ts [--data-dir DIR] [--runs 100000] [--events 10000]`: fills an installation with agents, finished
 * runs over the last thirty days, and one run with many events. For measuring, and for pictures; never over real data.
 */
import { parseArgs } from 'node:util';
import { openInstallation } from '../src/app.ts';
import { parseConfig } from '../src/config.ts';
import type { Agent, Task } from '../src/core/agent.ts';
import { type RunId, type UserId, uuidv7 } from '../src/core/ids.ts';
import { DEFAULT_LIMITS } from '../src/core/limits.ts';
import type { Trigger } from '../src/core/run.ts';
import type { Engine } from '../src/engine/deps.ts';
import { createAgent } from '../src/engine/save-agent.ts';
import { newRun } from '../src/engine/submit-run.ts';
import { createLogger } from '../src/system/logger.ts';
import { SEED_AGENTS, type SeedAgent } from './seed/agents.ts';
import { liveOnce, type Outcome, workEvents } from './seed/lives.ts';

const USER = 'local' as UserId;
const DAYS_MS = 30 * 86_400_000;

/** The same numbers each time (mulberry32): what is measured twice is measured over the same data. */
const createChance = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const taskOf = (prompt: string): Task => ({
  prompt,
  model: null,
  permissionMode: 'acceptEdits',
  allowedTools: ['Bash(npm test:*)', 'Bash(git log:*)'],
  disallowedTools: [],
  requiredPackages: [],
  mcpServers: {},
  outputSchema: null,
  limits: { ...DEFAULT_LIMITS, maxBudgetUsd: 2 },
  network: { allow: [] },
  source: null,
});

const pick = (agents: readonly (readonly [Agent, SeedAgent])[], chance: number): readonly [Agent, SeedAgent] => {
  const total = agents.reduce((sum, [, { weight }]) => sum + weight, 0);
  let left = chance * total;
  for (const pair of agents) {
    left -= pair[1].weight;
    if (left <= 0) return pair;
  }
  const [first] = agents;
  if (first === undefined) throw new Error('There is no agent to seed runs of.');
  return first;
};

const outcomeOf = (chance: number, trouble: number): Outcome => {
  if (chance >= trouble) return 'succeeded';
  const share = chance / trouble;
  return share < 0.5 ? 'failed' : share < 0.7 ? 'timed_out' : share < 0.93 ? 'cancelled' : 'skipped';
};

/** Seeds an installation; returns the id of the run with many events. */
export const seed = async (
  engine: Engine,
  amounts: { readonly runs: number; readonly events: number },
): Promise<RunId> => {
  const chance = createChance(7);
  const now = engine.clock.now();
  const agents: (readonly [Agent, SeedAgent])[] = [];
  for (const kind of SEED_AGENTS) {
    const draft = { name: kind.name, task: taskOf(kind.prompt), schedule: kind.schedule, status: 'active' } as const;
    agents.push([await createAgent(engine, USER, draft), kind]);
  }
  const live = (index: number, events: number, outcome?: Outcome) => {
    const [agent, kind] = pick(agents, chance());
    const createdAt = now - 60_000 - Math.round((DAYS_MS * (amounts.runs - index)) / (amounts.runs + 1));
    const trigger: Trigger =
      agent.schedule === null ? { kind: 'manual', firedFor: null } : { kind: 'schedule', firedFor: createdAt };
    const input = newRun(engine, {
      id: uuidv7(createdAt, engine.random.bytes(10)) as RunId,
      userId: USER,
      task: agent.task,
      agent: { id: agent.id, revision: agent.revision },
      trigger,
    });
    return liveOnce({
      input,
      outcome: outcome ?? outcomeOf(chance(), kind.trouble),
      createdAt,
      lengthMs: 4_000 + Math.round(chance() * 90_000),
      events: workEvents(events),
      denied: outcome === undefined && chance() < 0.02,
      outputTokens: 400 + Math.round(chance() * 5_000),
    });
  };
  for (let index = 0; index < amounts.runs; index += 1) await engine.stores.runs.insert(live(index, 4), null);
  const long = live(amounts.runs, amounts.events, 'succeeded');
  await engine.stores.runs.insert(long, null);
  return long.run.id;
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string', default: './.slipway-seeded' },
      runs: { type: 'string', default: '100000' },
      events: { type: 'string', default: '10000' },
    },
  });
  const config = parseConfig({ SLIPWAY_DATA_DIR: values['data-dir'] });
  const installation = await openInstallation(
    config,
    createLogger('error', (line) => process.stderr.write(line)),
  );
  const beganAt = performance.now();
  const id = await seed(installation.engine, { runs: Number(values.runs), events: Number(values.events) });
  await installation.close();
  console.log(
    `${values.runs} runs in ${Math.round((performance.now() - beganAt) / 1_000)} s, in ${values['data-dir']}`,
  );
  console.log(`The run with ${values.events} events: ${id}`);
};

if (import.meta.main) await main();
