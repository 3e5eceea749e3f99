/** DBOS Transact on PostgreSQL with `fsync` and `synchronous_commit`. Its queue polls; at most one second between two looks. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { done, execute, PARALLEL, serve } from './serve.mjs';

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.env.BENCH_POSTGRES,
  logLevel: 'error',
  runAdminServer: false,
});
const job = DBOS.registerWorkflow(() => DBOS.runStep(execute, { name: 'process' }), { name: 'job' });
await DBOS.launch();
await DBOS.registerQueue('jobs', { workerConcurrency: PARALLEL, minPollingIntervalMs: 50 });
serve(async (id) => {
  const handle = await DBOS.startWorkflow(job, { workflowID: id, queueName: 'jobs' })();
  void handle.getResult().then((printed) => done(id, printed));
});
