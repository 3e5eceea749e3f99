/** pg-boss on PostgreSQL with `fsync` and `synchronous_commit`. Polls, at its shortest interval. */
import { PgBoss } from 'pg-boss';
import { done, execute, PARALLEL, serve } from './serve.mjs';

const boss = new PgBoss({ connectionString: process.env.BENCH_POSTGRES });
boss.on('error', (error) => console.error(error));
await boss.start();
await boss.createQueue('jobs');
for (let lane = 0; lane < PARALLEL; lane += 1) {
  await boss.work('jobs', { pollingIntervalSeconds: 0.5 }, async ([job]) => {
    done(job.data.id, await execute());
  });
}
serve((id) => boss.send('jobs', { id }));
