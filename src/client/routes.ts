/** The operations that the client uses, by their `operationId`. A test holds them against `openapi.json`. */
interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
}

export const ROUTES = {
  createAgent: { method: 'POST', path: '/agents' },
  listAgents: { method: 'GET', path: '/agents' },
  readAgent: { method: 'GET', path: '/agents/{agentId}' },
  updateAgent: { method: 'PATCH', path: '/agents/{agentId}' },
  deleteAgent: { method: 'DELETE', path: '/agents/{agentId}' },
  runAgent: { method: 'POST', path: '/agents/{agentId}/run' },
  createRun: { method: 'POST', path: '/runs' },
  listRuns: { method: 'GET', path: '/runs' },
  readRun: { method: 'GET', path: '/runs/{runId}' },
  readTask: { method: 'GET', path: '/runs/{runId}/task' },
  readEvents: { method: 'GET', path: '/runs/{runId}/events' },
  cancelRun: { method: 'POST', path: '/runs/{runId}/cancel' },
  retryRun: { method: 'POST', path: '/runs/{runId}/retry' },
  listArtifacts: { method: 'GET', path: '/runs/{runId}/artifacts' },
  readArtifact: { method: 'GET', path: '/runs/{runId}/artifacts/{path}' },
  readDiff: { method: 'GET', path: '/runs/{runId}/diff' },
  readOutput: { method: 'GET', path: '/runs/{runId}/output' },
  readUsage: { method: 'GET', path: '/usage' },
  createTurn: { method: 'POST', path: '/api/conversation' },
  listConversations: { method: 'GET', path: '/api/conversations' },
  readConversation: { method: 'GET', path: '/api/conversations/{conversationId}' },
  deleteConversation: { method: 'DELETE', path: '/api/conversations/{conversationId}' },
  saveProposal: { method: 'POST', path: '/api/conversations/{conversationId}/agent' },
  tryProposal: { method: 'POST', path: '/api/conversations/{conversationId}/try' },
  readMe: { method: 'GET', path: '/me' },
  readReadiness: { method: 'GET', path: '/readyz' },
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof ROUTES;

/** The address of a route, with its names filled in; the slashes of a file's path stand as they are. */
export const pathOf = (
  name: RouteName,
  values: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string | number | undefined>> = {},
): string => {
  const path = ROUTES[name].path.replace(/\{(\w+)\}/g, (_, part: string) => encodePath(values[part] ?? ''));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  return search.size === 0 ? path : `${path}?${search}`;
};

const encodePath = (text: string): string =>
  text
    .split('/')
    // A part of dots alone would be taken for a step in the tree of addresses, also when it is percent-encoded.
    .map((part) => (/^\.{0,2}$/.test(part) ? `%00${part}` : encodeURIComponent(part)))
    .join('/');
