/**
 * Reads from an answer's own bytes what it cost. Pure, incremental, in bounded memory, and never throwing: what is
 * not understood is passed over.
 */
import type { MeterReading } from '../core/pricing.ts';
import { createFieldScanner, type FieldScanner, parseJson } from './field-scanner.ts';
import { createSseReader } from './sse-fields.ts';
import { type Counts, isNothing, isRecord, largerOf, NO_COUNTS, readUsage, sumOf, type Usage } from './usage.ts';

export interface Meter {
  push(bytes: Uint8Array): void;
  /** No more bytes will come, whether the answer is whole or was cut. */
  end(): void;
  /** The answer said what its input cost. */
  started(): boolean;
  /** The usage is complete: what follows adds nothing. */
  complete(): boolean;
  /** The model that answered; null until it is known. */
  model(): string | null;
  /** What was used up to here, one reading a model; estimated until `complete`, empty when nothing was used. */
  readings(): MeterReading[];
}

/** Bytes of English text that make one token, on average. */
const BYTES_PER_TOKEN = 4;
const SMALL = 1_024;
const LARGE = 65_536;
const LONGEST_MODEL = 200;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const parsed = (scanner: FieldScanner, name: string): unknown => {
  const found = scanner.field(name)?.text;
  return found === null || found === undefined ? null : parseJson(found);
};

/** What an answer has said of itself so far. */
const createTally = (requested: () => string | null) => {
  let model: string | null = null;
  let counts: Counts = NO_COUNTS;
  let newest: Usage | null = null;
  let estimate = 0;
  let complete = false;

  const nameOf = (own: string | null): string => {
    const name = own ?? model ?? requested() ?? 'unknown';
    return newest?.fast === true && own === null ? `${name}-fast` : name;
  };

  const perModel = (): Map<string, Counts> => {
    const guess = complete ? 0 : Math.ceil(estimate);
    const main = { ...counts, outputTokens: Math.max(counts.outputTokens, guess) };
    const sums = new Map([[nameOf(null), main]]);
    for (const extra of newest?.extras ?? []) {
      const name = nameOf(extra.model);
      sums.set(name, sumOf(sums.get(name) ?? NO_COUNTS, extra.counts));
    }
    return sums;
  };

  return {
    named(value: unknown): void {
      if (typeof value === 'string' && value !== '') model = value.slice(0, LONGEST_MODEL);
    },
    used(value: unknown): void {
      const usage = readUsage(value);
      if (usage === null) return;
      counts = largerOf(counts, usage.counts);
      newest = {
        counts,
        fast: usage.fast || newest?.fast === true,
        extras: usage.extras.length > 0 ? usage.extras : (newest?.extras ?? []),
      };
    },
    wrote(tokens: number): void {
      estimate += tokens;
    },
    finish(): void {
      complete = true;
    },
    model: () => model,
    started: () => newest !== null,
    complete: () => complete,
    readings: (): MeterReading[] =>
      [...perModel()]
        .filter(([, used]) => !isNothing(used))
        .map(([name, used]) => ({ model: name, ...used, estimated: !complete })),
  };
};

/** Output tokens that a delta stands for. Thinking that is not shown is announced by number. */
const tokensIn = (delta: unknown): number => {
  if (!isRecord(delta)) return 0;
  if (typeof delta.estimated_tokens === 'number' && delta.estimated_tokens > 0) return delta.estimated_tokens;
  const written = [delta.text, delta.thinking, delta.partial_json, delta.content].map(text).join('');
  return Buffer.byteLength(written) / BYTES_PER_TOKEN;
};

/**
 * Meters a stream of events.
 * @param requested the model that was asked for, for an answer that does not name its own
 */
export const createStreamMeter = (requested: () => string | null): Meter => {
  const tally = createTally(requested);
  const scanner = createFieldScanner({ type: SMALL, message: LARGE, usage: LARGE, delta: LARGE });

  const onDelta = (): void => {
    const size = scanner.field('delta');
    if (size === null) return;
    tally.wrote(size.text === null ? size.bytes / BYTES_PER_TOKEN : tokensIn(parseJson(size.text)));
  };

  const onEvent = (): void => {
    switch (parsed(scanner, 'type')) {
      case 'message_start': {
        const message = parsed(scanner, 'message');
        if (!isRecord(message)) return;
        tally.named(message.model);
        tally.used(message.usage);
        return;
      }
      case 'content_block_delta':
        onDelta();
        return;
      case 'message_delta': {
        const delta = parsed(scanner, 'delta');
        tally.used(parsed(scanner, 'usage'));
        if (isRecord(delta) && typeof delta.stop_reason === 'string' && tally.started()) tally.finish();
        return;
      }
      case 'message_stop':
        if (tally.started()) tally.finish();
        return;
      default:
        return;
    }
  };

  const reader = createSseReader(scanner, onEvent);
  return {
    push: (bytes) => reader.push(bytes),
    end: () => reader.end(),
    started: tally.started,
    complete: tally.complete,
    model: tally.model,
    readings: tally.readings,
  };
};

/** Meters an answer that is one JSON object. One that names its model but no usage is estimated by its size. */
export const createBodyMeter = (requested: () => string | null): Meter => {
  const tally = createTally(requested);
  const scanner = createFieldScanner({ model: SMALL, usage: LARGE });
  return {
    push(bytes) {
      if (tally.complete()) return;
      scanner.push(bytes);
      tally.wrote(bytes.length / BYTES_PER_TOKEN);
      tally.named(parsed(scanner, 'model'));
      if (!scanner.ended()) return;
      tally.used(parsed(scanner, 'usage'));
      if (tally.started()) tally.finish();
    },
    end: () => undefined,
    started: tally.started,
    complete: tally.complete,
    model: tally.model,
    readings: () => (tally.model() === null && !tally.started() ? [] : tally.readings()),
  };
};
