/** Server-sent events of one answer. */
import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream';

/** The messages as they come. Gives the connection back when the reader leaves. */
export async function* messagesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<EventSourceMessage> {
  const messages = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  // By its reader, since not every browser can iterate over a stream.
  const reader = messages.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
