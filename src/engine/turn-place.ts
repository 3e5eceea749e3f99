/**
 * Where a turn of a conversation executes when runs go elsewhere. It has no tools, and a chat that waits for a machine
 * is no chat, so it executes beside the server, in the same sandbox as any run has there. Where there is no such sandbox,
 * it goes where all runs go: slower, and never without walls.
 */
import type { Executor, Readiness } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';

/**
 * Gives the name of the executor for a turn. The sandbox is tried when the first turn comes, so that a server's start
 * does not wait for it; what was found counts until the process ends, unless the trial itself failed.
 *
 * @param beside the sandbox beside the server; null = none
 */
export const createTurnPlace = (main: Executor, beside: Executor | null, logger: Logger): (() => Promise<string>) => {
  let tried: Promise<string> | null = null;

  const choose = async (sandbox: Executor): Promise<string> => {
    try {
      const readiness = await sandbox.check();
      if (readiness.ready) return sandbox.name;
      logger.warn(
        { executor: main.name, missing: missingIn(readiness) },
        'there is no sandbox beside the server: turns of conversations execute where runs do, and start as slowly',
      );
    } catch (error) {
      tried = null;
      logger.warn({ err: error, executor: main.name }, 'the sandbox beside the server could not be tried');
    }
    return main.name;
  };

  return async () => {
    if (beside === null) return main.name;
    tried ??= choose(beside);
    return tried;
  };
};

const missingIn = ({ findings }: Readiness): string[] =>
  findings.filter(({ status }) => status === 'missing').map(({ part, detail }) => `${part}: ${detail}`);
