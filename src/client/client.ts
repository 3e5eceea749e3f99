/** The HTTP API as typed functions, one for each operation. The types are those of the schemas that the server checks. */
import type { AgentView } from '../api/agent-schemas.ts';
import type { ConversationDetailView, ConversationView, TurnView } from '../api/conversation-schemas.ts';
import type { AgentRunAcceptedView, RunTaskView, RunView } from '../api/run-schemas.ts';
import type { SchemaName, schemas } from '../api/schemas.ts';
import type { ArtifactView, ReadyView, UsageView } from '../api/system-schemas.ts';
import { converse, type Spoken, type TurnInput } from './converse.ts';
import { type FollowOptions, followEvents, type Heard, type WireEvent } from './follow.ts';
import { type ClientOptions, send, UnreachableError } from './http.ts';
import { pathOf, ROUTES, type RouteName } from './routes.ts';

/** What may be sent where the schema of this name is asked for. */
type Input<Name extends SchemaName> = (typeof schemas)[Name]['_zod']['input'];
/** What is answered where the schema of this name is promised. */
type Output<Name extends SchemaName> = (typeof schemas)[Name]['_zod']['output'];

export type AgentInput = Input<'AgentCreate'>;
export type AgentChange = Input<'AgentUpdate'>;
export type RunInput = Input<'RunCreate'>;
export type AgentRunInput = Input<'AgentRun'>;

export type { TurnInput } from './converse.ts';

export interface Page<Item> {
  readonly data: readonly Item[];
  /** Give it as `page` for what follows; null on the last page. */
  readonly nextPage: string | null;
}

interface PageRequest {
  readonly limit?: number;
  readonly page?: string;
}

interface RunFilter extends PageRequest {
  readonly agentId?: string;
  readonly status?: string;
  /** Days or RFC 3339 times: made at `from` or later, before `to`. */
  readonly from?: string;
  readonly to?: string;
}

interface UsageRequest {
  readonly from?: string;
  readonly to?: string;
  readonly groupBy?: 'day' | 'agent' | 'model';
  readonly agentId?: string;
}

/** With an Idempotency-Key a request that is sent twice is done once. */
interface Creating {
  readonly idempotencyKey?: string;
}

/** Every method throws ProblemError when the server refuses, and UnreachableError when none answers. */
export interface SlipwayClient {
  readonly url: string;
  createAgent(agent: AgentInput): Promise<AgentView>;
  listAgents(request?: PageRequest): Promise<Page<AgentView>>;
  readAgent(id: string): Promise<AgentView>;
  /** With `revision` the change is refused when somebody else changed the agent in the meantime. */
  updateAgent(id: string, change: AgentChange, revision?: number): Promise<AgentView>;
  deleteAgent(id: string): Promise<void>;
  runAgent(id: string, body: AgentRunInput, options?: Creating): Promise<AgentRunAcceptedView>;
  createRun(body: RunInput, options?: Creating): Promise<RunView>;
  listRuns(filter?: RunFilter): Promise<Page<RunView>>;
  readRun(id: string): Promise<RunView>;
  /** What the run was told to do. */
  readTask(id: string): Promise<RunTaskView>;
  /** One page of the events after `after`. */
  readEvents(id: string, after: number): Promise<Page<WireEvent>>;
  /** The events as they come, until the run's last one. */
  followRun(id: string, options?: FollowOptions): AsyncGenerator<Heard>;
  cancelRun(id: string): Promise<RunView>;
  retryRun(id: string, options?: Creating): Promise<RunView>;
  listArtifacts(id: string): Promise<readonly ArtifactView[]>;
  /** The bytes of a file; the body is to be read or cancelled. */
  readArtifact(id: string, path: string): Promise<Response>;
  readDiff(id: string): Promise<Response>;
  readOutput(id: string): Promise<Response>;
  readUsage(request?: UsageRequest): Promise<UsageView>;
  /** Says something to the designer, and waits for the whole answer. */
  takeTurn(input: TurnInput): Promise<TurnView>;
  /** The same, heard while it is said. */
  converse(input: TurnInput, signal?: AbortSignal): AsyncGenerator<Spoken>;
  listConversations(request?: PageRequest): Promise<Page<ConversationView>>;
  readConversation(id: string): Promise<ConversationDetailView>;
  deleteConversation(id: string): Promise<void>;
  /** Agrees to the latest proposal. */
  saveProposal(id: string): Promise<AgentView>;
  /** Runs the latest proposal once, without saving it. */
  tryProposal(id: string): Promise<AgentRunAcceptedView>;
  readMe(): Promise<Output<'Me'>>;
  /** Also when the server is not ready: the findings say why. */
  readReadiness(): Promise<ReadyView>;
}

interface Call {
  readonly values?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const EVENTS_A_PAGE = 200;
const creating = ({ idempotencyKey }: Creating): Record<string, string> =>
  idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };

export const createClient = (options: ClientOptions): SlipwayClient => {
  const call = (name: RouteName, { values, query, body, headers = {} }: Call = {}): Promise<Response> =>
    send(options, ROUTES[name].method, pathOf(name, values, query), body, { headers });
  // The decoder of answers: their form is the contract's, which the server's own tests hold it to.
  const json = async <Body>(name: RouteName, request: Call = {}): Promise<Body> =>
    (await (await call(name, request)).json()) as Body;
  return {
    url: options.url,
    createAgent: (body) => json('createAgent', { body }),
    listAgents: (request) => json('listAgents', { query: { ...request } }),
    readAgent: (agentId) => json('readAgent', { values: { agentId } }),
    updateAgent: (agentId, body, revision) =>
      json('updateAgent', {
        values: { agentId },
        body,
        headers: revision === undefined ? {} : { 'if-match': `"${revision}"` },
      }),
    deleteAgent: async (agentId) => {
      await call('deleteAgent', { values: { agentId } });
    },
    runAgent: (agentId, body, request = {}) =>
      json('runAgent', { values: { agentId }, body, headers: creating(request) }),
    createRun: (body, request = {}) => json('createRun', { body, headers: creating(request) }),
    listRuns: (filter) => json('listRuns', { query: { ...filter } }),
    readTask: (runId) => json('readTask', { values: { runId } }),
    readRun: (runId) => json('readRun', { values: { runId } }),
    readEvents: (runId, after) => json('readEvents', { values: { runId }, query: { after, limit: EVENTS_A_PAGE } }),
    followRun: (runId, request) => followEvents(options, runId, request),
    cancelRun: (runId) => json('cancelRun', { values: { runId } }),
    retryRun: (runId, request = {}) => json('retryRun', { values: { runId }, headers: creating(request) }),
    listArtifacts: async (runId) => (await json<Page<ArtifactView>>('listArtifacts', { values: { runId } })).data,
    readArtifact: (runId, path) => call('readArtifact', { values: { runId, path } }),
    readDiff: (runId) => call('readDiff', { values: { runId } }),
    readOutput: (runId) => call('readOutput', { values: { runId } }),
    readUsage: (request) => json('readUsage', { query: { ...request } }),
    takeTurn: (body) => json('createTurn', { body }),
    converse: (input, signal) => converse(options, input, signal),
    listConversations: (request) => json('listConversations', { query: { ...request } }),
    readConversation: (conversationId) => json('readConversation', { values: { conversationId } }),
    deleteConversation: async (conversationId) => {
      await call('deleteConversation', { values: { conversationId } });
    },
    saveProposal: (conversationId) => json('saveProposal', { values: { conversationId } }),
    tryProposal: (conversationId) => json('tryProposal', { values: { conversationId } }),
    readMe: () => json('readMe'),
    readReadiness: async () => {
      const response = await fetch(new URL(pathOf('readReadiness'), options.url)).catch((error: unknown) => {
        throw new UnreachableError(options.url, error);
      });
      return (await response.json()) as ReadyView;
    },
  };
};
