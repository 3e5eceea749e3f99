/** Reading an event stream frame by frame. */

export interface Frame {
  readonly id: number | null;
  readonly event: string | null;
  readonly data: unknown;
  /** Text of a comment; null when the frame is none. */
  readonly comment: string | null;
}

const parseFrame = (text: string): Frame => {
  const lines = text.split('\n');
  const field = (name: string): string | null =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
  const id = field('id');
  const data = field('data');
  return {
    id: id === null ? null : Number(id),
    event: field('event'),
    data: data === null ? null : JSON.parse(data),
    comment: text.startsWith(': ') ? text.slice(2) : null,
  };
};

/** The frames of a stream, up to its end. */
export async function* framesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) yield parseFrame(part);
  }
  if (text !== '') throw new Error(`The stream ended within a frame: ${JSON.stringify(text)}`);
}

/** Opens a stream and leaves it in the reader's hands. */
export const openStream = async (url: string, headers: Record<string, string> = {}) => {
  const abort = new AbortController();
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: abort.signal });
  const frames = framesOf(response.body);
  return {
    response,
    /** The next frame. */
    next: async (): Promise<Frame> => {
      const step = await frames.next();
      if (step.done) throw new Error('The stream ended.');
      return step.value;
    },
    /** Everything up to the end. */
    rest: async (): Promise<Frame[]> => {
      const all: Frame[] = [];
      for await (const frame of frames) all.push(frame);
      return all;
    },
    leave: (): void => abort.abort(),
  };
};
