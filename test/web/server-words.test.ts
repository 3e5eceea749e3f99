/** What the server says in English and without a code has a Korean text wherever the dashboard shows it. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { AgentCreate } from '../../src/api/agent-schemas.ts';
import { KNOWN_PARTS, WITHOUT_TURNS, withMeaning } from '../../src/checks/meanings.ts';
import { grantsOf } from '../../src/conversation/grants.ts';
import { PERMISSION_MODES } from '../../src/core/agent.ts';

type SaidModule = typeof import('../../web/src/words/said.ts');

let words: SaidModule;
beforeAll(async () => {
  // The page's own globals, as far as its preferences ask for them.
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  vi.stubGlobal('document', { documentElement: { dataset: {}, lang: '' } });
  words = await import('../../web/src/words/said.ts');
});

const LATIN = /[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}/;

it.each(PERMISSION_MODES)('of what an agent may do under %s', (permissionMode) => {
  const { allowed, denied } = grantsOf({
    permissionMode,
    allowedTools: [],
    disallowedTools: [],
    mcpServers: { tickets: { command: 'tickets', args: [], env: {} } },
    source: { git: 'https://example.com/a.git', ref: 'main' },
  });
  for (const text of [...allowed, ...denied]) expect(words.translate(text, 'ko')).not.toMatch(LATIN);
});

it('of why a part matters, and what works without it', () => {
  for (const part of [...KNOWN_PARTS, 'mount namespace']) {
    const { matters, without } = withMeaning({ part, status: 'missing', detail: '', mend: null });
    for (const text of [matters, without]) {
      expect(text).toBeDefined();
      expect(words.translate(text ?? '', 'ko')).not.toMatch(LATIN);
    }
  }
});

it('of a part whose name is words, and of what turns alone need', () => {
  for (const part of KNOWN_PARTS.filter((name) => name.includes(' '))) {
    expect(words.translate(part, 'ko')).not.toBe(part);
  }
  expect(words.translate(WITHOUT_TURNS, 'ko')).not.toMatch(LATIN);
});

it('of what is wrong with a field', () => {
  const wrong = {
    name: 'a\u0007',
    prompt: ' ',
    model: '?',
    allowedTools: ['?'],
    requiredPackages: ['../x'],
    network: { allow: ['http://x'] },
    schedule: { cron: 'x', timezone: 'x' },
  };
  const { error } = AgentCreate.safeParse(wrong);
  const texts = (error?.issues ?? []).map(({ message }) => message);
  expect(texts).toHaveLength(8);
  for (const text of texts) expect(words.translate(text, 'ko')).not.toMatch(LATIN);
});

describe('of a failure', () => {
  const skipped = (message: string) => words.saidOfFailure({ code: 'skipped', message }, 'ko').text;

  it('the Korean stands by its code, with the English as detail; in English there is the English alone', () => {
    const failure = { code: 'budget_reached', message: 'It reached its budget.', hint: 'Raise it.' };
    const detail = 'It reached its budget. Raise it.';
    expect(words.saidOfFailure(failure, 'ko')).toEqual({ text: expect.stringContaining('예산'), detail });
    expect(words.saidOfFailure(failure, 'en')).toEqual({ text: detail, detail: null });
  });

  it('a code of a later server is said in the English that it came with', () => {
    expect(words.saidOfFailure({ code: 'toString', message: 'New.' }, 'ko')).toEqual({ text: 'New.', detail: null });
  });

  it('of a turn says what was kept, and leaves alone what the server said in Korean', () => {
    const failure = { code: 'server_stopped', message: 'It broke off.', hint: 'Send it again.' };
    const said = words.saidOfTurn(failure, 'ko');
    expect(said).toEqual({
      text: expect.stringMatching(/서버가 멈춰.*다시 보내/),
      detail: 'It broke off. Send it again.',
    });
    const korean = { code: 'server_stopped', message: '답변이 끊어졌습니다.', hint: '다시 보내 주세요.' };
    const own = { text: '답변이 끊어졌습니다. 다시 보내 주세요.', detail: null };
    expect(words.saidOfTurn(korean, 'ko')).toEqual(own);
    expect(words.saidOfTurn(korean, 'en')).toEqual(own);
  });

  it('a skipped firing says why', () => {
    expect(skipped('An earlier run of the agent was still going on.')).toContain('앞선 실행');
    expect(skipped('3 firings were missed because no server was running: …')).toContain('서버가 꺼져');
    expect(skipped('Something else.')).toBe('예정된 실행을 건너뛰었습니다.');
  });
});
