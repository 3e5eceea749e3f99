import { describe, expect, it } from 'vitest';
import { presentedTokens, towardsJob, towardsModel } from './headers.ts';
import { createRedaction } from './redact.ts';

const KEY = 'sk-ant-real-key-0001';

describe('headers towards the model', () => {
  const fromJob = {
    host: 'gateway.slipway',
    connection: 'keep-alive, x-stainless-lang',
    authorization: 'Bearer slwrun_x',
    'x-api-key': 'slwrun_x',
    cookie: 'a=b',
    'proxy-authorization': 'Basic x',
    'x-forwarded-for': '10.0.0.1',
    'x-user-id': 'somebody',
    'x-goog-api-key': 'x',
    'transfer-encoding': 'chunked',
    te: 'trailers',
    expect: '100-continue',
    'accept-encoding': 'gzip, br',
    'content-type': 'application/json',
    'user-agent': 'claude-cli/2.1.197',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'a,b',
    'x-stainless-lang': 'js',
    'x-claude-code-session-id': 's',
  };

  it('are those of the Messages API alone, with the real credentials', () => {
    expect(towardsModel(fromJob, { apiKey: KEY, authToken: null })).toEqual({
      'content-type': 'application/json',
      'user-agent': 'claude-cli/2.1.197',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'a,b',
      'x-claude-code-session-id': 's',
      'accept-encoding': 'identity',
      'x-api-key': KEY,
    });
    expect(towardsModel({}, { apiKey: null, authToken: 'tok' })).toEqual({
      'accept-encoding': 'identity',
      authorization: 'Bearer tok',
    });
    expect(towardsModel({}, { apiKey: null, authToken: null })).toEqual({ 'accept-encoding': 'identity' });
  });
});

describe('headers towards the job', () => {
  it('keep what explains the answer, and neither cookies nor secrets', () => {
    const out = towardsJob(
      {
        'content-type': 'application/json',
        'content-length': '12',
        'content-encoding': 'gzip',
        'request-id': 'req_1',
        'retry-after': '30',
        'anthropic-ratelimit-requests-remaining': '0',
        'set-cookie': ['a=b'],
        connection: 'close, x-hop',
        'x-hop': '1',
        'x-echo': `Bearer ${KEY}`,
      },
      createRedaction([KEY]),
      true,
    );
    expect(out).toEqual({
      'content-type': 'application/json',
      'request-id': 'req_1',
      'retry-after': '30',
      'anthropic-ratelimit-requests-remaining': '0',
      'x-echo': `Bearer ${'*'.repeat(KEY.length)}`,
    });
  });
});

describe('presented tokens', () => {
  it('are found in either header', () => {
    expect(presentedTokens({ authorization: 'Bearer a', 'x-api-key': 'b' })).toEqual(['a', 'b']);
    expect(presentedTokens({ authorization: 'Basic a' })).toEqual([]);
  });
});
