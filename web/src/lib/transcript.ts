/** A run's events as what a reader sees: a tool's call and its answer are one item, the pieces of a phase one bar. */
import type { EventView } from '../../../src/api/event-schemas.ts';
import { type DeltaView, textOfContent } from '../data/decode-event.ts';

interface Base {
  readonly key: string;
  readonly at: string;
}

export interface ToolItem extends Base {
  readonly kind: 'tool';
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: { readonly text: string; readonly isError: boolean; readonly at: string } | null;
  readonly denied: { readonly hint: string } | null;
}

export type EndEvent = Extract<EventView, { type: 'run.succeeded' | 'run.failed' | 'run.timed_out' | 'run.cancelled' }>;

export type Item =
  | (Base & { readonly kind: 'message' | 'thinking'; readonly text: string })
  | ToolItem
  | (Base & {
      readonly kind: 'denied';
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
      readonly hint: string;
    })
  | (Base & { readonly kind: 'session'; readonly model: string })
  | (Base & { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string })
  | (Base & {
      readonly kind: 'file';
      readonly path: string;
      readonly size: number;
      readonly status: 'added' | 'modified' | 'deleted';
    })
  | (Base & { readonly kind: 'truncated'; readonly what: string; readonly bytes: number; readonly keptBytes: number })
  | (Base & { readonly kind: 'stopping'; readonly reason: string; readonly detail: string | null })
  | (Base & { readonly kind: 'skipped'; readonly reason: string })
  | (Base & {
      readonly kind: 'preparing';
      readonly step: 'machine' | 'packages' | 'source';
      readonly status: 'started' | 'done' | 'cached';
      readonly detail: string;
    })
  | (Base & {
      readonly kind: 'refused';
      readonly host: string;
      readonly port: number;
      readonly reason: string;
      readonly hint: string;
    })
  | (Base & { readonly kind: 'end'; readonly end: EndEvent });

export type PhaseName = 'queued' | 'starting' | 'packages' | 'model' | 'tools' | 'finishing';
/** Milliseconds since the epoch; `to` is null while it goes on. */
export interface Span {
  readonly phase: PhaseName;
  readonly from: number;
  readonly to: number | null;
}

export interface Totals {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number | null;
}

/** What was written since the last whole message. */
export interface Writing {
  readonly kind: DeltaView['kind'];
  readonly text: string;
}

export interface Transcript {
  readonly items: readonly Item[];
  readonly spans: readonly Span[];
  readonly totals: Totals | null;
  readonly turns: number;
  readonly lastSeq: number;
  readonly writing: Writing | null;
  readonly over: boolean;
}

/** What the program says of itself before each request, which the bars of the phases show better. */
const isOwnStatus = ({ level, text }: { readonly level: string; readonly text: string }): boolean =>
  level === 'info' && text.startsWith('{"type":"system","subtype":"status"');

/** Reads events in order; `snapshot` is what came of them so far. */
export const createTranscript = () => {
  const items: Item[] = [];
  const spans: Span[] = [];
  const tools = new Map<string, number>();
  const openTools = new Set<string>();
  let totals: Totals | null = null;
  let turns = 0;
  let lastSeq = 0;
  let writing: Writing | null = null;
  let over = false;

  /** Ends the phase that goes on and begins another; null begins none. */
  const enter = (phase: PhaseName | null, at: string): void => {
    const ms = Date.parse(at);
    const last = spans.at(-1);
    if (last !== undefined && last.to === null) {
      if (last.phase === phase) return;
      spans[spans.length - 1] = { ...last, to: Math.max(last.from, ms) };
    }
    if (phase !== null) spans.push({ phase, from: ms, to: null });
  };

  const change = (id: string, part: Partial<Pick<ToolItem, 'result' | 'denied'>>): boolean => {
    const index = tools.get(id);
    const item = index === undefined ? undefined : items[index];
    if (index === undefined || item?.kind !== 'tool') return false;
    items[index] = { ...item, ...part };
    return true;
  };

  const take = (event: EventView): void => {
    if (event.seq <= lastSeq) return;
    lastSeq = event.seq;
    const { at } = event;
    const base = { key: String(event.seq), at };
    switch (event.type) {
      case 'run.queued':
        enter('queued', at);
        break;
      case 'run.starting':
        enter('starting', at);
        break;
      case 'run.preparing': {
        const { status, step, detail, durationMs } = event.data;
        enter(durationMs === null && step !== 'machine' ? 'packages' : 'starting', at);
        items.push({ ...base, kind: 'preparing', step, status, detail });
        break;
      }
      case 'agent.init':
        enter('model', at);
        items.push({ ...base, kind: 'session', model: event.data.model });
        break;
      case 'agent.message': {
        writing = null;
        const text = textOfContent(event.data.content);
        if (text !== '') items.push({ ...base, kind: 'message', text });
        break;
      }
      case 'agent.thinking':
        writing = null;
        items.push({ ...base, kind: 'thinking', text: event.data.thinking });
        break;
      case 'agent.tool_use':
        writing = null;
        tools.set(event.data.id, items.length);
        openTools.add(event.data.id);
        enter('tools', at);
        items.push({
          ...base,
          kind: 'tool',
          name: event.data.name,
          input: event.data.input,
          result: null,
          denied: null,
        });
        break;
      case 'agent.tool_result': {
        const { toolUseId, isError, content } = event.data;
        change(toolUseId, { result: { text: textOfContent(content), isError, at } });
        openTools.delete(toolUseId);
        if (openTools.size === 0) enter('model', at);
        break;
      }
      case 'agent.denied': {
        const { toolUseId, tool, input, hint } = event.data;
        if (!change(toolUseId, { denied: { hint } })) items.push({ ...base, kind: 'denied', tool, input, hint });
        break;
      }
      case 'egress.refused':
        items.push({ ...base, kind: 'refused', ...event.data });
        break;
      case 'usage':
        turns += 1;
        totals = event.data.total;
        break;
      case 'log':
        if (isOwnStatus(event.data)) break;
        items.push({ ...base, kind: 'log', level: event.data.level, text: event.data.text });
        break;
      case 'artifact':
        enter('finishing', at);
        items.push({ ...base, kind: 'file', ...event.data });
        break;
      case 'truncated':
        items.push({ ...base, kind: 'truncated', ...event.data });
        break;
      case 'run.stopping':
        enter('finishing', at);
        items.push({ ...base, kind: 'stopping', ...event.data });
        break;
      case 'run.skipped':
        items.push({ ...base, kind: 'skipped', reason: event.data.reason });
        over = true;
        break;
      case 'run.succeeded':
      case 'run.failed':
      case 'run.timed_out':
      case 'run.cancelled':
        writing = null;
        enter(null, at);
        totals = { ...event.data.tokenUsage, costUsd: event.data.costUsd };
        items.push({ ...base, kind: 'end', end: event });
        over = true;
        break;
      default:
        break;
    }
  };

  return {
    take,
    write: (delta: DeltaView): void => {
      writing =
        writing !== null && writing.kind === delta.kind
          ? { kind: delta.kind, text: writing.text + delta.text }
          : { kind: delta.kind, text: delta.text };
    },
    snapshot: (): Transcript => ({ items: [...items], spans: [...spans], totals, turns, lastSeq, writing, over }),
  };
};
