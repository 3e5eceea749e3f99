/** What a run's own token is worth: to the run, while it is live, and to nobody else. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';
import { attack } from './attacker.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const TOKEN = '${ANTHROPIC_AUTH_TOKEN:-$ANTHROPIC_API_KEY}';
const BODY = `'{"model":"demo","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}'`;
/** Asks the gateway of the run itself, and prints the status. */
const ask = (token: string): string =>
  `curl -s -o /dev/null -w ' %{http_code} ' --unix-socket $ANTHROPIC_UNIX_SOCKET http://x/v1/messages -H "content-type: application/json" -H "authorization: Bearer ${token}" -H "x-api-key: ${token}" -d ${BODY}`;

const statuses = (printed: string): readonly number[] =>
  [...printed.matchAll(/\b\d{3}\b/g)].map(([status]) => Number(status));

const written = async (path: string): Promise<string> => {
  for (;;) {
    if (existsSync(path)) {
      const text = readFileSync(path, 'utf8');
      if (text.endsWith('\n')) return text.trim();
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('a run’s token', () => {
  it('is of use to its own run, and to no other: neither while that is live nor afterwards', async () => {
    const owner = await stage.submit(
      `[[demo:bash]] ${ask(TOKEN)}; echo "${TOKEN}" > t; while [ ! -e /workspace/enough ]; do sleep 0.1; done`,
      {
        permissionMode: 'bypassPermissions',
      },
    );
    const workspace = join(stage.server().dataDir, 'runs', owner, '1', 'workspace');
    const stolen = await written(join(workspace, 't'));
    expect(stolen.length).toBeGreaterThan(20);
    const meanwhile = await attack(stage, `${ask(stolen)}; ${ask(TOKEN)}`);
    expect(statuses(meanwhile.printed)).toEqual([401, 200]);
    writeFileSync(join(workspace, 'enough'), '');
    const ended = await stage.finish(owner);
    expect(ended.run.status).toBe('succeeded');
    expect(
      statuses(JSON.stringify(ended.events.find(({ type }) => type === 'agent.tool_result')?.data.content)),
    ).toEqual([200]);
    const afterwards = await attack(stage, `${ask(stolen)}; ${ask(TOKEN)}`);
    expect(statuses(afterwards.printed)).toEqual([401, 200]);
  }, 90_000);
});
