import type { WireEvent } from '../client/follow.ts';
import { money, oneLine, safe } from './print.ts';

const field = (data: Readonly<Record<string, unknown>>, name: string): string => {
  const value = data[name];
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
};

/** The text of content blocks, or of what a tool answered. */
export const textOf = (content: unknown): string => {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const blocks: unknown[] = content;
  return blocks
    .map((block) => (typeof block === 'object' && block !== null && 'text' in block ? String(block.text) : ''))
    .filter((text) => text !== '')
    .join('\n');
};

/** The part of a tool's input that says most, as it is; all of it when none does. */
const gist = (input: unknown): string => {
  if (typeof input !== 'object' || input === null) return '';
  const { command, file_path: path, pattern, url }: Record<string, unknown> = { ...input };
  const found = [command, path, pattern, url].find((value) => typeof value === 'string');
  return typeof found === 'string' ? found : JSON.stringify(input);
};

const LABEL = 11;
const MOST_LINES = 40;

/** Lines of a text, all behind the same margin. */
const paragraph = (label: string, text: string): string => {
  const lines = safe(text.trim()).split('\n');
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), `… ${lines.length} lines`] : lines;
  return shown.map((line, at) => `${(at === 0 ? label : '').padEnd(LABEL)}${line}`.trimEnd()).join('\n');
};

/** An event for people, harmless whatever is in it; null for what is not worth a line. */
export const describeEvent = ({ type, data }: WireEvent, width = 100): string | null => {
  const line = (label: string, text: string): string =>
    `${oneLine(label, LABEL - 1).padEnd(LABEL)}${oneLine(text, Math.max(20, width - LABEL))}`.trimEnd();
  switch (type) {
    case 'delta':
      return null;
    case 'run.preparing':
      return line(field(data, 'step'), `${field(data, 'status')}  ${field(data, 'detail')}`);
    case 'agent.init':
      return line('agent', `Claude Code ${field(data, 'harnessVersion')}, model ${field(data, 'model')}`);
    case 'agent.message': {
      const text = textOf(data.content);
      return text.trim() === '' ? null : paragraph('says', text);
    }
    case 'agent.thinking':
      return line('thinks', field(data, 'thinking'));
    case 'agent.tool_use':
      return line('tool', `${field(data, 'name')}  ${gist(data.input)}`);
    case 'agent.tool_result':
      return line(data.isError === true ? 'error' : 'result', textOf(data.content) || '(nothing)');
    case 'agent.denied':
      return [line('DENIED', `${field(data, 'tool')}  ${gist(data.input)}`), paragraph('', field(data, 'hint'))].join(
        '\n',
      );
    case 'egress.refused':
      return [
        line('REFUSED', `${field(data, 'host')}:${field(data, 'port')}  ${field(data, 'reason')}`),
        paragraph('', field(data, 'hint')),
      ].join('\n');
    case 'usage':
      return line(
        'usage',
        `${field(data, 'inputTokens')} in, ${field(data, 'outputTokens')} out, ${money(typeof data.costUsd === 'number' ? data.costUsd : null)}`,
      );
    case 'artifact':
      return line('file', `${field(data, 'status')} ${field(data, 'path')} (${field(data, 'size')} bytes)`);
    case 'truncated':
      return line('cut', `${field(data, 'what')}: ${field(data, 'keptBytes')} of ${field(data, 'bytes')} bytes kept`);
    case 'log':
      // What the CLI prints beside its messages is in the log for whoever looks for it.
      return data.stream === 'stdout' ? null : line(field(data, 'stream'), field(data, 'text'));
    default:
      return line(type.replace(/^run\./, ''), field(data, 'reason'));
  }
};
