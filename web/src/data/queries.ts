/** What the pages ask for, under which names it is kept, and how often it is asked for again. */
import { infiniteQueryOptions, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query';
import { ProblemError } from '../../../src/client/http.ts';
import { api, isUnreachable } from './api.ts';
import { noteReachable } from './connection.ts';
import { isLeaving } from './remove-later.ts';

const FAST_MS = 2_000;
const SLOW_MS = 10_000;
const PAGE_SIZE = 100;
const MAX_LIMIT = 200;
const REVISIONS_A_PAGE = 20;
const RETRIES = 1;

export const LIVE_STATUSES = ['queued', 'starting', 'running'] as const;
export const TROUBLE_STATUSES = ['failed', 'timed_out', 'skipped'] as const;

export const isLiveStatus = (status: string): boolean => LIVE_STATUSES.some((live) => live === status);

export const createQueries = (): QueryClient =>
  new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => noteReachable(!isUnreachable(error)),
      onSuccess: () => noteReachable(true),
    }),
    defaultOptions: {
      queries: {
        // Often the server is on this very machine, whatever the browser believes about the network.
        networkMode: 'always',
        staleTime: FAST_MS,
        // What could not be asked is asked again until somebody answers, also where it has no interval of its own.
        refetchInterval: ({ state }) => (isUnreachable(state.error) ? FAST_MS : false),
        retry: (count, error) => !(error instanceof ProblemError && error.status < 500) && count < RETRIES,
      },
      mutations: { networkMode: 'always' },
    },
  });

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => api().readMe(),
  staleTime: Number.POSITIVE_INFINITY,
  refetchInterval: (query) => (query.state.status === 'error' ? FAST_MS : false),
});

export const readyQuery = queryOptions({
  queryKey: ['ready'],
  queryFn: () => api().readReadiness(),
  staleTime: SLOW_MS,
});

/** All agents; beyond a few thousand the newest. */
export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: async () => {
    const agents = [];
    let page: string | undefined;
    for (let pages = 0; pages < 20; pages += 1) {
      const answer = await api().listAgents({ limit: MAX_LIMIT, ...(page === undefined ? {} : { page }) });
      agents.push(...answer.data);
      if (answer.nextPage === null) break;
      page = answer.nextPage;
    }
    return agents.filter(({ id }) => !isLeaving(id));
  },
  refetchInterval: SLOW_MS,
});

export const agentQuery = (id: string) =>
  queryOptions({ queryKey: ['agents', id], queryFn: () => api().readAgent(id), refetchInterval: SLOW_MS });

export interface RunsFilter {
  readonly agentId?: string;
  readonly status?: string;
  readonly from?: string;
}

export const runsQuery = (filter: RunsFilter) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'list', filter],
    queryFn: ({ pageParam }) =>
      api().listRuns({ ...filter, limit: PAGE_SIZE, ...(pageParam === '' ? {} : { page: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextPage,
    // Only while one page is loaded: to ask for a hundred pages again every few seconds would help nobody.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : FAST_MS * 2),
  });

/** The newest runs of one kind, for a summary. */
export const newestRunsQuery = (filter: RunsFilter, limit: number) =>
  queryOptions({
    queryKey: ['runs', 'newest', filter, limit],
    queryFn: async () => (await api().listRuns({ ...filter, limit })).data,
    refetchInterval: FAST_MS * 2,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', 'one', id],
    queryFn: () => api().readRun(id),
    refetchInterval: (query) => {
      const status = query.state.data?.status;
      return status === undefined || isLiveStatus(status) ? FAST_MS : false;
    },
  });

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', 'task', id],
    queryFn: () => api().readTask(id),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const filesQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', 'files', id],
    queryFn: () => api().listArtifacts(id),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const diffQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', 'diff', id],
    queryFn: async () => (await api().readDiff(id)).text(),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const keysQuery = queryOptions({ queryKey: ['keys'], queryFn: () => api().listKeys() });

/** An agent's revisions, newest first. */
export const revisionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['agents', id, 'revisions'],
    queryFn: ({ pageParam }) =>
      api().listAgentRevisions(id, { limit: REVISIONS_A_PAGE, ...(pageParam === '' ? {} : { page: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextPage,
  });

export const usageQuery = (request: { from: string; groupBy: 'day' | 'agent' | 'model'; agentId?: string }) =>
  queryOptions({
    queryKey: ['usage', request],
    queryFn: () => api().readUsage(request),
    refetchInterval: SLOW_MS,
  });

export const conversationsQuery = queryOptions({
  queryKey: ['conversations'],
  queryFn: async () => (await api().listConversations({ limit: PAGE_SIZE })).data.filter(({ id }) => !isLeaving(id)),
});

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ['conversations', id],
    queryFn: () => api().readConversation(id),
    // A turn that goes on without us — the page was loaded again, the stream broke — is looked for until it ends.
    refetchInterval: ({ state }) => (state.data?.activeRunId == null && !isUnreachable(state.error) ? false : FAST_MS),
  });
