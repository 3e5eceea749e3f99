/** Operations on agents. */
import { AgentCreate, AgentRun, AgentUpdate } from './agent-schemas.ts';
import { ETAG, IDEMPOTENCY_KEY, IF_MATCH, operation, REPLAYABLE } from './operations.ts';
import { AgentRunsQuery, PageQuery } from './query-schemas.ts';

const tag = 'Agents';

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
    examples: {
      weekly: {
        name: 'Summary',
        prompt: "Read this repository's notes and write a summary into summary.md.",
        source: { git: 'https://git.example.com/team/notes.git' },
        schedule: { cron: '0 9 * * 1', timezone: 'Asia/Seoul' },
        limits: { timeoutSeconds: 300, maxBudgetUsd: 1 },
      },
      byHand: { name: 'Greeter', prompt: 'Write hello.txt' },
    },
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
    examples: {
      pause: { status: 'paused' },
      later: { schedule: { cron: '0 10 * * 1', timezone: 'Asia/Seoul' } },
    },
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
    examples: { asItIs: {}, withInput: { input: 'For the week of 16 November.', limits: { timeoutSeconds: 600 } } },
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
