/** What every peer does around its queue: HTTP in front, one process a job behind, and word of the end. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

const run = promisify(execFile);
const [program, ...args] = JSON.parse(process.env.BENCH_COMMAND ?? '[]');

/** Jobs at once. */
export const PARALLEL = Number(process.env.BENCH_PARALLEL ?? 8);

const waiting = new Map();

/** What a worker does with a job; resolves after its process has ended. */
export const execute = async () => (await run(program, args)).stdout;

/** To be called when the queue has written down that the job is done. */
export const done = (id, printed) => waiting.get(id)?.(printed);

/** Serves `POST /` : accepted durably by `enqueue`, answered when the job is done. */
export const serve = (enqueue) => {
  const server = createServer(async (_request, response) => {
    const id = randomUUID();
    const ended = new Promise((resolve) => waiting.set(id, resolve));
    await enqueue(id);
    const printed = await ended;
    waiting.delete(id);
    response.end(printed);
  });
  server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
  process.on('message', () => process.send(process.memoryUsage()));
  process.on('SIGTERM', () => process.exit(0));
};
