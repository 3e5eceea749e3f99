/** The Node that runs this. */
import type { Finding } from '../ports/executor.ts';

const LEAST = 24;
const MEND = 'npm install --global n && sudo n 24   # or nvm install 24';

/** @param version as `process.version` has it */
export const checkNode = (version: string): Finding => {
  const good = Number(/^v(\d+)/.exec(version)?.[1]) >= LEAST;
  const detail = good ? version : `${version}; ${LEAST} or later is needed`;
  return { part: 'node', status: good ? 'ok' : 'missing', detail, mend: good ? null : MEND };
};
