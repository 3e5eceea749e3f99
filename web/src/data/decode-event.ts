/** Events as they come over the wire, as the types that the contract promises. */
import type { EventView } from '../../../src/api/event-schemas.ts';
import type { WireEvent } from '../../../src/client/follow.ts';

export interface DeltaView {
  readonly messageId: string;
  readonly kind: 'text' | 'thinking' | 'tool_input';
  readonly text: string;
}

export type Decoded =
  | { readonly kind: 'event'; readonly event: EventView }
  | { readonly kind: 'delta'; readonly delta: DeltaView };

/** The decoder: the server's own tests hold its events to the schema. A newer server's unknown types pass through. */
export const decodeEvent = (wire: WireEvent): Decoded =>
  wire.type === 'delta'
    ? { kind: 'delta', delta: wire.data as unknown as DeltaView }
    : { kind: 'event', event: wire as unknown as EventView };

interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

const isTextBlock = (block: unknown): block is TextBlock =>
  typeof block === 'object' && block !== null && 'text' in block && typeof block.text === 'string';

/** The text of content blocks, of a plain text, or of what else there is. */
export const textOfContent = (content: unknown): string => {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content === null || content === undefined ? '' : JSON.stringify(content, null, 2);
  return content.map((block) => (isTextBlock(block) ? block.text : `[${typeOf(block)}]`)).join('\n');
};

const typeOf = (block: unknown): string =>
  typeof block === 'object' && block !== null && 'type' in block ? String(block.type) : 'content';
