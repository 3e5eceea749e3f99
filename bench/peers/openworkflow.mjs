/** openworkflow on PostgreSQL with `fsync` and `synchronous_commit`; its worker polls. */
import { OpenWorkflow } from 'openworkflow';
import { BackendPostgres } from 'openworkflow/postgres';
import { done, execute, PARALLEL, serve } from './serve.mjs';

const backend = await BackendPostgres.connect(process.env.BENCH_POSTGRES);
const flow = new OpenWorkflow({ backend });
const job = flow.defineWorkflow({ name: 'job' }, ({ step }) => step.run({ name: 'process' }, () => execute()));
const worker = flow.newWorker({ concurrency: PARALLEL });
await worker.start();
serve(async (id) => {
  const handle = await job.run({ id });
  void handle.result().then((printed) => done(id, printed));
});
