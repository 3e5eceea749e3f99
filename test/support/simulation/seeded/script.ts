/** What jobs do, drawn from the seed: talk, wait, fail, hang, flood, end without a word. */
import { DEFAULT_LIMITS, type Limits } from '../../../../src/core/limits.ts';
import type { Chance } from './chance.ts';
import type { PlaceStep } from './place.ts';

export const drawLimits = (chance: Chance): Limits => ({
  ...DEFAULT_LIMITS,
  timeoutSeconds: chance.int(25, 60),
  idleSeconds: chance.int(18, 40),
  maxBudgetUsd: chance.of(0.3) ? 0.05 : null,
  maxOutputBytes: chance.of(0.3) ? 1_024 : 20_000,
});

/** Most jobs need nothing installed; of the others, some ask for what there is not. */
export const drawPackages = (chance: Chance): string[] =>
  chance.of(0.6) ? [] : [chance.of(0.1) ? 'broken' : 'pandas'];

/** @param name makes the messages of this place different from every other's */
export const drawScript = (chance: Chance, name: string): PlaceStep[] => {
  const steps: PlaceStep[] = [];
  const line = (stream: 'stdout' | 'stderr', text: string): void => {
    const cut = chance.of(0.2) ? chance.int(0, text.length) : 0;
    if (cut > 0) steps.push({ stream, text: text.slice(0, cut) }, { wait: chance.int(1, 400) });
    steps.push({ stream, text: `${text.slice(cut)}\n` });
  };
  const count = chance.int(0, 14);
  for (let index = 0; index < count; index += 1) {
    if (chance.of(0.7))
      steps.push({
        wait: chance.of(0.1) ? chance.int(5_000, 25_000) : chance.int(1, 3_000),
      });
    const kind = chance.float();
    if (kind < 0.75) line('stdout', `say ${name}-${index}`);
    else if (kind < 0.9) line('stderr', `log ${name}-${index}`);
    else if (kind < 0.96) line('stdout', `deny ${name}-${index}`);
    else
      for (let piece = 0; piece < 230; piece += 1)
        steps.push({
          stream: 'stdout',
          text: `say ${name}-${index}.${piece}\n`,
        });
  }
  if (chance.of(0.12)) return steps;
  if (chance.of(0.85)) line('stdout', `done ${name}`);
  if (chance.of(0.1)) steps.push({ stream: 'stdout', text: `say ${name}-last` });
  if (chance.of(0.5)) steps.push({ wait: chance.int(1, 2_000) });
  steps.push({ exit: chance.of(0.8) ? 0 : chance.int(1, 3) });
  return steps;
};
