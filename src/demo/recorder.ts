/** Keeps the newest requests, bounded in number and size. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; the text when it is no JSON; null when there is none. */
  readonly body: unknown;
}

const MOST_REQUESTS = 1_000;
const MOST_BYTES = 128 * 1_048_576;

export interface Recorder {
  add(request: RecordedRequest, bytes: number): void;
  list(): readonly RecordedRequest[];
}

export const createRecorder = (): Recorder => {
  const kept: { readonly request: RecordedRequest; readonly bytes: number }[] = [];
  let total = 0;
  return {
    add: (request, bytes) => {
      kept.push({ request, bytes });
      total += bytes;
      while (kept.length > MOST_REQUESTS || (total > MOST_BYTES && kept.length > 1)) {
        total -= kept.shift()?.bytes ?? 0;
      }
    },
    list: () => kept.map(({ request }) => request),
  };
};
