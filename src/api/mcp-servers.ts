/** MCP servers, in the form that the CLI's `--mcp-config` has under `mcpServers`. */
import { z } from 'zod';

const text = z.string().max(8192);
const values = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of an environment variable' }),
  text,
);
const headers = z.record(
  z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: 'must be the name of a header' }),
  text.regex(/^[^\r\n]*$/, { error: 'must be one line' }),
);

const isWebAddress = (address: string): boolean => URL.canParse(address) && /^https?:\/\//i.test(address);
const url = z.string().max(2048).refine(isWebAddress, { error: 'must be an http or https address' });

const stdio = z.strictObject({
  type: z.literal('stdio').optional(),
  command: z.string().min(1).max(4096),
  args: z.array(text).max(100).optional(),
  env: values.optional(),
});
const http = z.strictObject({ type: z.literal('http'), url, headers: headers.optional() });
const sse = z.strictObject({ type: z.literal('sse'), url, headers: headers.optional() });

const server = z.discriminatedUnion('type', [stdio, http, sse], {
  error: (issue) => (issue.code === 'invalid_union' ? 'must be "stdio" or "http" or "sse"' : undefined),
});

const serverName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'must be a name of letters, digits, _ and -, at most 64 characters' });

export const mcpServers = z
  .record(serverName, server)
  .meta({ description: 'MCP servers by name. Remote ones also need their host in network.allow.' });
