/** What the reader of a run is told while its build has not started the program: the wait for a machine, the packages. */
import type { Clock } from '../../ports/clock.ts';
import type { StartWatch } from '../../ports/executor.ts';
import { describePackages } from './packages.ts';
import type { BuildStatus } from './status.ts';

export interface ArrivalNotes {
  /** The build's status as it is seen. */
  seen(status: BuildStatus): Promise<void>;
  /** The program is started. `durations`: of the installations, in the order of `describePackages`. */
  arrived(durations: () => Promise<readonly number[]>): Promise<void>;
}

type Step = 'machine' | 'packages';

/** @param watch nobody is told when it is null */
export const createArrivalNotes = (
  watch: StartWatch | null,
  clock: Clock,
  buildId: string,
  packages: readonly string[],
): ArrivalNotes => {
  const machine = `Cloud Build: build ${buildId}`;
  const kinds = describePackages(packages);
  const began = clock.now();
  let told: Step | null = null;

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
      if (!works || told === 'packages' || kinds.length === 0) return;
      told = 'packages';
      await machineCame();
      for (const kind of kinds) await note('packages', 'started', kind, null);
    },
    arrived: async (durations) => {
      if (told === 'machine') await machineCame();
      if (kinds.length === 0) return;
      const known = await durations();
      for (const [index, kind] of kinds.entries()) await note('packages', 'done', kind, known[index] ?? null);
    },
  };
};
