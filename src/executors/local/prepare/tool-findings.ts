/** Whether this host can install packages and fetch repositories. What is missing keeps no other run from going. */
import { isDomainError } from '../../../core/errors.ts';
import type { Finding } from '../../../ports/executor.ts';
import { findGit, findNpm, findPython, MEND_GIT, MEND_NPM, MEND_PIP } from './tools.ts';

const tried = async (part: string, mend: string, find: () => Promise<string>): Promise<Finding> => {
  try {
    return { part, status: 'ok', detail: await find(), mend: null };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    const detail = `${error.message} Runs that need it fail; all others go on.`;
    return { part, status: 'degraded', detail, mend: `sudo ${mend}` };
  }
};

/** One finding for each tool. */
export const toolFindings = async (): Promise<readonly Finding[]> => [
  await tried('pip packages', MEND_PIP, async () => {
    const { path, version } = await findPython();
    return `pip ${version.split(' pip ').at(-1)} (${path})`;
  }),
  await tried('npm packages', MEND_NPM, async () => {
    const { dir, version } = await findNpm();
    return `npm ${version} (${dir})`;
  }),
  await tried('repositories', MEND_GIT, async () => `git (${findGit()})`),
];
