/** Exit statuses, signals, and servers that are away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/server/free-port.ts';
import { openDataDir } from '../support/server/server.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { type Going, start } from './slipway.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const cli = (...args: readonly string[]): Going => start(args, { env: { SLIPWAY_URL: stage.server().url } });

describe('the exit status', () => {
  it.concurrent.each([
    [0, ['run', '[[demo:hello]]']],
    [1, ['run', '[[demo:error-400]]']],
    [3, ['run', '[[demo:stall]]', '--idle-timeout', '2']],
    [2, []],
    [2, ['run']],
    [2, ['nonsense']],
    [2, ['run', 'x', '--timeout', 'soon']],
    [2, ['run', 'x', '--memory', '1']],
    [2, ['run', 'x', '--agent', 'a', '--model', 'b']],
    [2, ['agents', 'create', '--prompt', 'x']],
    [2, ['run', 'x', '--url', 'ftp://x']],
    [2, ['run', 'x', '--demo']],
    [2, ['runs', 'list', '--limit', '-3']],
    [1, ['runs', 'show', '01991f5e-7c1a-7000-8000-000000000000']],
    [5, ['runs', 'list', '--url', 'http://127.0.0.1:1']],
    [5, ['run', 'x', '--url', 'http://127.0.0.1:1']],
    [0, ['run', '--help']],
    [0, ['--version']],
  ] as const)('is %i for %j', async (code, args) => {
    const ended = await cli(...args).ended;
    expect({ code: ended.code, shown: ended.code === code ? '' : ended.out + ended.err }).toEqual({ code, shown: '' });
  });

  it('is 2 for a setting that there is not, and its message names it', async () => {
    const { code, err } = await start(['runs', 'list'], { env: { SLIPWAY_ULR: 'x' } }).ended;
    expect([code, err]).toEqual([2, expect.stringContaining('SLIPWAY_ULR')]);
  });

  it('is 1 for a key that cannot be sent, and the server is not blamed', async () => {
    const { code, err } = await cli('runs', 'list', '--key', 'slw_abc\r').ended;
    expect([code, err]).toEqual([1, expect.stringContaining('such as a line break')]);
  });
});

describe('Ctrl-C in a pipe', () => {
  it('cancels the run: 4', async () => {
    const going = cli('run', '[[demo:stall]]');
    await going.seen(/agent +Claude Code/);
    going.process.kill('SIGINT');
    const { code, out, err } = await going.ended;
    expect(err).toContain('Cancelling the run');
    expect(out).toMatch(/Outcome +cancelled/);
    expect(code).toBe(4);
  });
});

describe('a detached run', () => {
  it('goes on, can be followed and cancelled', async () => {
    const { code, out } = await cli('run', '[[demo:stall]]', '--detach').ended;
    expect(code).toBe(0);
    const id = out.trim();
    const logs = cli('runs', 'logs', '-f', id);
    await logs.seen(/agent +Claude Code/);
    expect((await cli('runs', 'cancel', id, '--wait').ended).out).toContain(`Run ${id} is cancelled.`);
    expect((await logs.ended).code).toBe(4);
    expect((await cli('runs', 'cancel', id, '--json').ended).out).toContain('"cancelled"');
  });
});

describe('a server that is restarted in the middle', () => {
  it('is found again: nothing is missing and nothing comes twice', async () => {
    const id = await stage.submit('[[demo:slow]]');
    const going = cli('runs', 'logs', '-f', id, '--json');
    await going.seen(/agent\.init/);
    await stage.restart({ PORT: new URL(stage.server().url).port });
    const { code, out } = await going.ended;
    const { run, events } = await stage.finish(id);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
    expect(lines.at(-1).type).toBe(`run.${run.status}`);
    expect(code).toBe(run.status === 'succeeded' ? 0 : 1);
  });
});

describe('the demo', () => {
  it('says that its server is gone, and how its dashboard is seen', async () => {
    const data = await openDataDir();
    const env = { PORT: '0', SLIPWAY_DATA_DIR: data.path };
    const { code, out } = await start(['demo'], { env }).ended;
    const port = /Dashboard http:\/\/127\.0\.0\.1:(\d+)\/ui/.exec(out)?.[1];
    expect([code, out]).toEqual([0, expect.stringContaining(`PORT=${port} slipway serve --demo`)]);
    await data.remove();
  });
});

describe('without a server', () => {
  it('refuses without credentials (5), and runs in its own with --demo', async () => {
    const data = await openDataDir();
    const env = { PORT: String(await freePort()), SLIPWAY_DATA_DIR: data.path };
    const refused = await start(['run', 'x'], { env }).ended;
    expect([refused.code, refused.err]).toEqual([5, expect.stringContaining('ANTHROPIC_API_KEY')]);
    expect((await start(['run', 'x', '--detach', '--demo'], { env }).ended).code).toBe(2);
    const { code, out, err } = await start(['run', '[[demo:hello]]', '--demo', '--json'], { env }).ended;
    expect(err).toContain('DEMO MODEL');
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ status: 'succeeded', model: 'demo' })]);
    await data.remove();
  });
});
