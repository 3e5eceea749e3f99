/** Operations on agents. */
import { AgentCreate, AgentRun, AgentUpdate } from './agent-schemas.ts';
import { ETAG, IDEMPOTENCY_KEY, IF_MATCH, operation } from './operations.ts';
import { AgentRunsQuery, PageQuery } from './query-schemas.ts';

const tag = 'Agents';
const REPLAYABLE = ['idempotency_in_flight', 'idempotency_mismatch'] as const;

export const agentOperations = {
  createAgent: operation({
    id: 'createAgent',
    method: 'post',
    path: '/agents',
    tag,
    summary: 'Create an agent',
    headers: [IDEMPOTENCY_KEY],
    body: AgentCreate,
    bodyName: 'AgentCreate',
    answers: {
      201: {
        description: 'The agent.',
        schema: 'Agent',
        headers: [ETAG, { name: 'Location', description: 'Where the agent is from now on.' }],
      },
    },
    refusals: REPLAYABLE,
  }),
  listAgents: operation({
    id: 'listAgents',
    method: 'get',
    path: '/agents',
    tag,
    summary: 'List agents, newest first',
    query: PageQuery,
    answers: { 200: { description: 'One page.', schema: 'AgentPage' } },
  }),
  readAgent: operation({
    id: 'readAgent',
    method: 'get',
    path: '/agents/{agentId}',
    tag,
    summary: 'Read an agent',
    headers: [{ name: 'If-None-Match', description: 'ETags that are known already; 304 when one of them is current.' }],
    answers: {
      200: { description: 'The agent.', schema: 'Agent', headers: [ETAG] },
      304: { description: 'What is known is current.' },
    },
    refusals: ['not_found'],
  }),
  updateAgent: operation({
    id: 'updateAgent',
    method: 'patch',
    path: '/agents/{agentId}',
    tag,
    summary: 'Change an agent',
    description: 'Runs keep the snapshot that they were made with.',
    headers: [IF_MATCH],
    body: AgentUpdate,
    bodyName: 'AgentUpdate',
    answers: { 200: { description: 'The agent as it is now.', schema: 'Agent', headers: [ETAG] } },
    refusals: ['not_found', 'stale_revision'],
  }),
  deleteAgent: operation({
    id: 'deleteAgent',
    method: 'delete',
    path: '/agents/{agentId}',
    tag,
    summary: 'Delete an agent',
    description: 'Its runs are kept.',
    headers: [IF_MATCH],
    answers: { 204: { description: 'It is gone.' } },
    refusals: ['not_found', 'stale_revision'],
  }),
  runAgent: operation({
    id: 'runAgent',
    method: 'post',
    path: '/agents/{agentId}/run',
    tag,
    summary: 'Run an agent',
    description: 'The run is durable before the answer leaves.',
    headers: [IDEMPOTENCY_KEY],
    body: AgentRun,
    bodyName: 'AgentRun',
    bodyOptional: true,
    answers: {
      202: {
        description: 'The run is queued.',
        schema: 'AgentRunAccepted',
        headers: [{ name: 'Location', description: 'Where the run is.' }],
      },
    },
    refusals: ['not_found', ...REPLAYABLE],
  }),
  listAgentRuns: operation({
    id: 'listAgentRuns',
    method: 'get',
    path: '/agents/{agentId}/runs',
    tag,
    summary: "List an agent's runs, newest first",
    query: AgentRunsQuery,
    answers: { 200: { description: 'One page.', schema: 'RunPage' } },
    refusals: ['not_found'],
  }),
  listAgentRevisions: operation({
    id: 'listAgentRevisions',
    method: 'get',
    path: '/agents/{agentId}/revisions',
    tag,
    summary: "List an agent's revisions, newest first",
    description:
      'The present one is the first. To go back to an earlier one, send its fields with `PATCH` and `If-Match`: that makes a new revision, and nothing is lost.',
    query: PageQuery,
    answers: { 200: { description: 'One page.', schema: 'AgentRevisionPage' } },
    refusals: ['not_found'],
  }),
};
