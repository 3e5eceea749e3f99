/** Operations on runs and on what they leave behind. */
import { NoFields, RunCreate } from './agent-schemas.ts';
import { IDEMPOTENCY_KEY, operation, REPLAYABLE } from './operations.ts';
import { EventsQuery, RunsQuery } from './query-schemas.ts';

const tag = 'Runs';
const EVENT_STREAM = `id: 12
event: agent.message
data: {…}

id: 13
event: run.succeeded
data: {…}

`;
const LOCATION = { name: 'Location', description: 'Where the run is.' };
const RANGE = { name: 'Range', description: 'One range of bytes, such as `bytes=1000-`; answered with 206.' };
const bytes = (media: readonly string[], description: string) => ({
  200: { description, media },
  206: { description: 'The range that was asked for.', media },
});

export const runOperations = {
  createRun: operation({
    id: 'createRun',
    method: 'post',
    path: '/runs',
    tag,
    summary: 'Run a prompt without an agent',
    description: 'The run is durable before the answer leaves.',
    headers: [IDEMPOTENCY_KEY],
    body: RunCreate,
    bodyName: 'RunCreate',
    examples: {
      prompt: { prompt: 'Write a haiku about slipways into haiku.txt' },
      repository: {
        prompt: 'Run the tests and say which fail.',
        source: { git: 'https://git.example.com/team/project.git' },
        allowedTools: ['Bash(npm test:*)'],
        limits: { timeoutSeconds: 600, maxBudgetUsd: 1 },
      },
    },
    answers: { 202: { description: 'The run is queued.', schema: 'Run', headers: [LOCATION] } },
    refusals: REPLAYABLE,
  }),
  listRuns: operation({
    id: 'listRuns',
    method: 'get',
    path: '/runs',
    tag,
    summary: 'List runs, newest first',
    query: RunsQuery,
    answers: { 200: { description: 'One page.', schema: 'RunPage' } },
  }),
  readRun: operation({
    id: 'readRun',
    method: 'get',
    path: '/runs/{runId}',
    tag,
    summary: 'Read a run',
    answers: { 200: { description: 'The run.', schema: 'Run' } },
    refusals: ['not_found'],
  }),
  readTask: operation({
    id: 'readTask',
    method: 'get',
    path: '/runs/{runId}/task',
    tag,
    summary: 'Read what a run was told to do',
    description: "The run's own copy of prompt and settings; later changes of the agent do not reach it.",
    answers: { 200: { description: 'The task.', schema: 'RunTask' } },
    refusals: ['not_found'],
  }),
  readEvents: operation({
    id: 'readEvents',
    method: 'get',
    path: '/runs/{runId}/events',
    tag,
    summary: "Read or follow a run's events",
    description:
      'As JSON: one page of the events after `after`; `nextPage` is the `seq` to go on from, and null when there are no more at present. With `Accept: text/event-stream`: the events after `Last-Event-ID` (or `after`), then those that come, then the end of the stream after the terminal event. Frames are `id:` seq, `event:` type, `data:` the event as one line of JSON; `delta` frames carry pieces of messages and no id; a comment comes every 15 s. A stream whose reader does not read is closed, and can be resumed. 204 when the terminal event has been read already.',
    query: EventsQuery,
    headers: [
      { name: 'Last-Event-ID', description: 'The `seq` of the last event that was read; goes before `after`.' },
    ],
    answers: {
      200: { description: 'One page, or the stream.', schema: 'EventPage', stream: EVENT_STREAM },
      204: { description: 'As a stream: nothing is left to come.' },
    },
    refusals: ['not_found'],
  }),
  cancelRun: operation({
    id: 'cancelRun',
    method: 'post',
    path: '/runs/{runId}/cancel',
    tag,
    summary: 'Cancel a run',
    description: 'Idempotent. The run is `cancelled` only once nothing of it is alive.',
    body: NoFields,
    bodyName: 'NoFields',
    bodyOptional: true,
    answers: {
      200: { description: 'The run was over already; it is unchanged.', schema: 'Run' },
      202: { description: 'The run will end.', schema: 'Run' },
    },
    refusals: ['not_found'],
  }),
  retryRun: operation({
    id: 'retryRun',
    method: 'post',
    path: '/runs/{runId}/retry',
    tag,
    summary: 'Do a finished run again',
    description: 'Makes a new run with the same snapshot and `retryOf`.',
    headers: [IDEMPOTENCY_KEY],
    body: NoFields,
    bodyName: 'NoFields',
    bodyOptional: true,
    answers: { 202: { description: 'The new run is queued.', schema: 'Run', headers: [LOCATION] } },
    refusals: ['not_found', 'conflict', ...REPLAYABLE],
  }),
  listArtifacts: operation({
    id: 'listArtifacts',
    method: 'get',
    path: '/runs/{runId}/artifacts',
    tag,
    summary: 'List the files that a run changed',
    description: 'All of them on one page, sorted by path. 409 until the run is over.',
    answers: { 200: { description: 'The files.', schema: 'ArtifactPage' } },
    refusals: ['not_found', 'conflict'],
  }),
  readArtifact: operation({
    id: 'readArtifact',
    method: 'get',
    path: '/runs/{runId}/artifacts/{path}',
    tag,
    summary: 'Fetch a file',
    description:
      'The path is percent-encoded; its slashes may stand as they are. Symbolic links are not followed: 409. 404 for a deleted file.',
    headers: [RANGE],
    answers: bytes(
      ['application/octet-stream', 'text/plain'],
      'The bytes, to be saved and never to be shown as a page.',
    ),
    refusals: ['not_found', 'conflict', 'range_not_satisfiable'],
  }),
  readDiff: operation({
    id: 'readDiff',
    method: 'get',
    path: '/runs/{runId}/diff',
    tag,
    summary: 'Fetch the changes as a unified diff',
    description: '409 until the run is over.',
    headers: [RANGE],
    answers: bytes(['text/plain'], 'The diff; empty when no text was changed.'),
    refusals: ['not_found', 'conflict', 'range_not_satisfiable'],
  }),
  readOutput: operation({
    id: 'readOutput',
    method: 'get',
    path: '/runs/{runId}/output',
    tag,
    summary: 'Fetch the raw stream that the CLI printed',
    description: '409 until the run is over; its events can be read meanwhile.',
    headers: [RANGE],
    answers: bytes(['text/plain'], 'The stream, one JSON value a line as the CLI prints it.'),
    refusals: ['not_found', 'conflict', 'range_not_satisfiable'],
  }),
};
