/** Operations on the server itself. */
import { operation } from './operations.ts';
import { UsageQuery } from './query-schemas.ts';

const tag = 'Server';

export const systemOperations = {
  readUsage: operation({
    id: 'readUsage',
    method: 'get',
    path: '/usage',
    tag,
    summary: 'Sum up runs, tokens and cost',
    query: UsageQuery,
    answers: { 200: { description: 'The sums.', schema: 'Usage' } },
  }),
  readMe: operation({
    id: 'readMe',
    method: 'get',
    path: '/me',
    tag,
    summary: 'Who I am, and what answers me',
    answers: { 200: { description: 'The caller.', schema: 'Me' } },
  }),
  readMetrics: operation({
    id: 'readMetrics',
    method: 'get',
    path: '/metrics',
    tag,
    summary: 'Metrics in the Prometheus text format',
    answers: { 200: { description: 'The metrics.', media: ['text/plain'] } },
  }),
  readHealth: operation({
    id: 'readHealth',
    method: 'get',
    path: '/healthz',
    tag,
    summary: 'Whether the process answers',
    open: true,
    answers: { 200: { description: 'It does.', schema: 'Health' } },
  }),
  readReadiness: operation({
    id: 'readReadiness',
    method: 'get',
    path: '/readyz',
    tag,
    summary: 'Whether runs can be accepted and executed',
    open: true,
    answers: {
      200: { description: 'They can.', schema: 'Ready' },
      503: { description: 'They cannot, and why.', schema: 'Ready' },
    },
  }),
  readOpenApi: operation({
    id: 'readOpenApi',
    method: 'get',
    path: '/openapi.json',
    tag,
    summary: 'This document',
    open: true,
    answers: { 200: { description: 'OpenAPI 3.1.', media: ['application/json'] } },
  }),
};
