/** How a run is streamed, whatever is told of it. */
import type { RunId } from '../core/ids.ts';
import { breakOff, type HttpContext } from './context.ts';
import { DEFAULT_STREAM_STALL_MS, type HttpOptions } from './options.ts';
import type { EventStreamOptions } from './sse.ts';

/** Bounds, end and log of the stream that answers a request. */
export const streamOptions = (
  c: HttpContext,
  { engine, logger, stopping, streamStallMs }: HttpOptions,
  runId: RunId,
): EventStreamOptions => {
  const fields = { requestId: c.get('requestId'), runId };
  return {
    clock: engine.clock,
    stallMs: streamStallMs ?? DEFAULT_STREAM_STALL_MS,
    stopping,
    breakOff: () => breakOff(c),
    onStall: () => logger.warn(fields, 'a stream was dropped because its reader does not read'),
    onFailure: (error) => logger.error({ err: error, ...fields }, 'a stream broke'),
  };
};
