/** BullMQ on Redis with `appendfsync always`. */
import { Queue, Worker } from 'bullmq';
import { done, execute, PARALLEL, serve } from './serve.mjs';

const connection = { host: '127.0.0.1', port: Number(process.env.BENCH_REDIS_PORT), maxRetriesPerRequest: null };
const queue = new Queue('jobs', { connection });
const worker = new Worker('jobs', () => execute(), { connection, concurrency: PARALLEL });
worker.on('completed', (job, printed) => done(job.data.id, printed));
await worker.waitUntilReady();
serve((id) => queue.add('job', { id }));
