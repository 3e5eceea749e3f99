/** Operations on conversations. */
import { NoFields } from './agent-schemas.ts';
import { Agreement, TurnCreate } from './conversation-schemas.ts';
import { ETAG, IDEMPOTENCY_KEY, operation, REPLAYABLE } from './operations.ts';
import { PageQuery } from './query-schemas.ts';

const tag = 'Conversations';
const TURN_STREAM = `event: started
data: {"conversationId":"01991f5e-7c1a-7000-8000-000000000000","runId":"01991f5e-7c1b-7000-8000-000000000000"}

event: delta
data: {"attempt":1,"text":"Every Monday"}

event: turn
data: {…}

`;
const LOCATION = { name: 'Location', description: 'Where it is.' };

export const conversationOperations = {
  createTurn: operation({
    id: 'createTurn',
    method: 'post',
    path: '/api/conversation',
    tag,
    summary: 'Say something to the designer',
    description:
      'Each turn is a run. The message is written down before anything is answered. Two messages at once in one conversation: the second waits its turn, also when the client leaves or the server is restarted. With `Accept: text/event-stream`: a `waiting` event where it has to wait, a `started` event (both `{conversationId, runId}`), `delta` events (`{attempt, text}`: text to be added; when `attempt` goes up, what was shown before is to be dropped), then one `turn` event equal to the JSON answer, or one `error` event with a problem document. A client that leaves does not end the turn; with an `Idempotency-Key`, the same request follows the same turn again. A turn that fails (502 `turn_failed`, with `Location`) leaves the conversation as it was; the message is kept as `failed`, and is sent again by sending the same text.',
    headers: [IDEMPOTENCY_KEY],
    body: TurnCreate,
    bodyName: 'TurnCreate',
    examples: {
      first: { message: 'Summarise notes.md every Monday at 9', timezone: 'Asia/Seoul' },
      next: { conversationId: '01991f5e-7c1a-7000-8000-000000000000', message: 'At 10, please.' },
      aboutRun: { message: 'Why did this fail?', runId: '01991f5e-7c1a-7000-8000-000000000000' },
    },
    answers: {
      200: { description: 'The answer, or the stream.', schema: 'Turn', stream: TURN_STREAM },
    },
    refusals: ['not_found', 'conflict', 'turn_failed', ...REPLAYABLE],
  }),
  listConversations: operation({
    id: 'listConversations',
    method: 'get',
    path: '/api/conversations',
    tag,
    summary: 'List conversations, the latest touched first',
    query: PageQuery,
    answers: { 200: { description: 'One page.', schema: 'ConversationPage' } },
  }),
  readConversation: operation({
    id: 'readConversation',
    method: 'get',
    path: '/api/conversations/{conversationId}',
    tag,
    summary: 'Read a conversation with its messages',
    answers: { 200: { description: 'The conversation.', schema: 'ConversationDetail' } },
    refusals: ['not_found'],
  }),
  deleteConversation: operation({
    id: 'deleteConversation',
    method: 'delete',
    path: '/api/conversations/{conversationId}',
    tag,
    summary: 'Delete a conversation',
    description: 'Its agent and its runs are kept. 409 while a turn is in progress.',
    answers: { 204: { description: 'It is gone.' } },
    refusals: ['not_found', 'conflict'],
  }),
  saveProposal: operation({
    id: 'saveProposal',
    method: 'post',
    path: '/api/conversations/{conversationId}/agent',
    tag,
    summary: 'Agree to the latest proposal',
    description:
      'Makes or changes the agent without asking the model. Agreeing twice makes one agent. 409 when there is no proposal, or another one than `seq` says; 412 when the agent was changed since the proposal was made.',
    body: Agreement,
    bodyName: 'Agreement',
    examples: { whatWasSeen: { seq: 2 } },
    bodyOptional: true,
    answers: {
      201: { description: 'The agent.', schema: 'Agent', headers: [ETAG, LOCATION] },
    },
    refusals: ['not_found', 'conflict', 'stale_revision'],
  }),
  tryProposal: operation({
    id: 'tryProposal',
    method: 'post',
    path: '/api/conversations/{conversationId}/try',
    tag,
    summary: 'Run the latest proposal once, without saving it',
    headers: [IDEMPOTENCY_KEY],
    body: NoFields,
    bodyName: 'NoFields',
    bodyOptional: true,
    answers: { 202: { description: 'The run is queued.', schema: 'AgentRunAccepted', headers: [LOCATION] } },
    refusals: ['not_found', 'conflict', ...REPLAYABLE],
  }),
};
