/** graphile-worker on PostgreSQL with `fsync` and `synchronous_commit`; told of jobs by NOTIFY. */
import { Logger, run } from 'graphile-worker';
import { done, execute, PARALLEL, serve } from './serve.mjs';

const printed = new Map();
const runner = await run({
  connectionString: process.env.BENCH_POSTGRES,
  concurrency: PARALLEL,
  noHandleSignals: true,
  logger: new Logger(() => () => undefined),
  taskList: {
    job: async ({ id }) => {
      printed.set(id, await execute());
    },
  },
});
runner.events.on('job:complete', ({ job }) => {
  const { id } = job.payload;
  done(id, printed.get(id));
  printed.delete(id);
});
serve((id) => runner.addJob('job', { id }));
