/** What the reader of a run is told while its build has not started the program: the wait for a machine, the preparation. */
import type { Clock } from '../../ports/clock.ts';
import type { StartWatch } from '../../ports/executor.ts';
import type { PreparationStep } from './preparation.ts';
import type { BuildStatus } from './status.ts';

export interface ArrivalNotes {
  /** The build's status as it is seen. */
  seen(status: BuildStatus): Promise<void>;
  /** The program is started. `durations`: of the steps of the preparation, in their order. */
  arrived(durations: () => Promise<readonly number[]>): Promise<void>;
}

type Step = PreparationStep['step'] | 'machine';

/** @param watch nobody is told when it is null */
export const createArrivalNotes = (
  watch: StartWatch | null,
  clock: Clock,
  buildId: string,
  steps: readonly PreparationStep[],
): ArrivalNotes => {
  const machine = `Cloud Build: build ${buildId}`;
  const began = clock.now();
  let told: 'machine' | 'steps' | null = null;

  const note = async (step: Step, status: 'started' | 'done', detail: string, durationMs: number | null) =>
    watch?.note({ type: 'run.preparing', data: { step, status, detail, durationMs } });
  const machineCame = () => note('machine', 'done', machine, clock.now() - began);

  return {
    seen: async (status) => {
      const works = status === 'WORKING';
      if (told === null) {
        told = 'machine';
        await note('machine', 'started', works ? machine : `${machine} is ${status}`, null);
      }
      if (!works || told === 'steps' || steps.length === 0) return;
      told = 'steps';
      await machineCame();
      for (const { step, detail } of steps) await note(step, 'started', detail, null);
    },
    arrived: async (durations) => {
      if (told === 'machine') await machineCame();
      if (steps.length === 0) return;
      const known = await durations();
      for (const [index, { step, detail }] of steps.entries()) await note(step, 'done', detail, known[index] ?? null);
    },
  };
};
