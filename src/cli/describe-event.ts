import type { WireEvent } from '../client/follow.ts';
import { money, oneLine } from './print.ts';

const WIDTH = 100;

const field = (data: Readonly<Record<string, unknown>>, name: string): string => {
  const value = data[name];
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
};

const textOf = (content: unknown): string => {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const blocks: unknown[] = content;
  return blocks
    .map((block) => (typeof block === 'object' && block !== null && 'text' in block ? String(block.text) : ''))
    .join(' ');
};

/** An event as one line for people, harmless whatever is in it; null for what is not worth a line. */
export const describeEvent = ({ type, data }: WireEvent): string | null => {
  const line = (label: string, text: string): string => `${label.padEnd(10)} ${oneLine(text, WIDTH)}`.trimEnd();
  switch (type) {
    case 'delta':
      return null;
    case 'agent.init':
      return line('agent', `Claude Code ${field(data, 'harnessVersion')}, model ${field(data, 'model')}`);
    case 'agent.message':
      return line('says', textOf(data.content));
    case 'agent.thinking':
      return line('thinks', field(data, 'thinking'));
    case 'agent.tool_use':
      return line('tool', `${field(data, 'name')} ${field(data, 'input')}`);
    case 'agent.tool_result':
      return line(data.isError === true ? 'refused' : 'result', textOf(data.content));
    case 'agent.denied':
      return line('DENIED', `${field(data, 'tool')} ${field(data, 'input')}: ${field(data, 'hint')}`);
    case 'usage':
      return line(
        'usage',
        `${field(data, 'inputTokens')} in, ${field(data, 'outputTokens')} out, ${money(typeof data.costUsd === 'number' ? data.costUsd : null)}`,
      );
    case 'artifact':
      return line('file', `${field(data, 'status')} ${field(data, 'path')} (${field(data, 'size')} bytes)`);
    case 'log':
      // What the CLI prints beside its messages is in the log for whoever looks for it.
      return data.stream === 'stdout' ? null : line(field(data, 'stream'), field(data, 'text'));
    default:
      return line(type.replace(/^run\./, ''), '');
  }
};
