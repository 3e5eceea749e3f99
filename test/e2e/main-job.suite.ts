/**
 * The main job: an agent is made, run, watched and read, over HTTP, with everything real but the model's words. The same
 * for every executor.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followEvents, type WireEvent } from '../../src/client/follow.ts';
import { MODEL_KEY, type Stage } from '../support/server/stage.ts';

export const describeMainJob = (executor: string, open: () => Promise<Stage>): void => {
  describe(`the main job: ${executor}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await open();
    });
    afterAll(() => stage.close());

    const follow = async (id: string, after = 0): Promise<WireEvent[]> => {
      const events: WireEvent[] = [];
      for await (const heard of followEvents({ url: stage.server().url, key: null }, id, { after })) {
        if (heard.kind === 'event') events.push(heard.event);
      }
      return events;
    };

    describe('an agent', () => {
      it('runs, is watched live, and leaves files, a difference, usage and its whole log', async () => {
        const made = await stage.request('POST', '/agents', {
          name: 'Writer',
          prompt: '[[demo:write-file]] a line by the agent',
        });
        expect(made.status).toBe(201);
        const agent = made.body;
        const accepted = await stage.request('POST', `/agents/${agent.id}/run`, {});
        expect(accepted.status).toBe(202);
        const id = accepted.body.executionId;
        expect(accepted.headers.get('location')).toBe(`/runs/${id}`);
        const live = await follow(id);
        const { run, events } = await stage.finish(id);
        expect(run).toMatchObject({ status: 'succeeded', agentId: agent.id, attempt: 1, executor, model: 'demo' });
        expect(run.result.text).toBe('I wrote hello.txt.');
        expect(run.tokenUsage.outputTokens).toBeGreaterThan(0);
        expect(live.filter((event) => event.type !== 'delta').map((event) => event.seq)).toEqual(
          events.map((event) => event.seq),
        );
        expect(live.some((event) => event.type === 'delta')).toBe(true);
        const types = events.map((event) => event.type);
        for (const type of [
          'agent.init',
          'agent.tool_use',
          'agent.tool_result',
          'agent.message',
          'usage',
          'artifact',
        ]) {
          expect(types).toContain(type);
        }
        const artifacts = await stage.request('GET', `/runs/${id}/artifacts`);
        expect(artifacts.body.data).toMatchObject([{ path: 'hello.txt', status: 'added', size: 20 }]);
        const bytes = await stage.request('GET', `/runs/${id}/artifacts/hello.txt`);
        expect(bytes.body).toBe('a line by the agent\n');
        const diff = await stage.request('GET', `/runs/${id}/diff`);
        expect(diff.body).toContain('+a line by the agent');
        const output = await stage.request('GET', `/runs/${id}/output`);
        expect(output.body).toContain('"type":"result"');
        const again = await stage.request('GET', `/agents/${agent.id}`);
        expect(again.body).toMatchObject({ lastRun: { id, status: 'succeeded' } });
        expect(again.body.totalTokenUsage).toEqual(run.tokenUsage);
      }, 60_000);

      it('takes input for one run, and limits of that run, and keeps its own', async () => {
        const { body: agent } = await stage.request('POST', '/agents', { name: 'Echo', prompt: '[[demo:echo]] base' });
        const accepted = await stage.request('POST', `/agents/${agent.id}/run`, {
          input: 'and input',
          limits: { timeoutSeconds: 77 },
        });
        const { run } = await stage.finish(accepted.body.executionId);
        expect(run.limits.timeoutSeconds).toBe(77);
        expect(run.result.text).toContain('base\n\nand input');
        expect((await stage.request('GET', `/agents/${agent.id}`)).body.limits.timeoutSeconds).toBe(300);
      }, 60_000);
    });

    describe('a reader', () => {
      it('resumes from any event without a gap or a repetition', async () => {
        const { run, events } = await stage.run('[[demo:multi-tool]]', { allowedTools: ['Bash'] });
        for (const after of [0, 1, Math.floor(events.length / 2), events.length - 1]) {
          expect((await follow(run.id, after)).map((event) => event.seq)).toEqual(
            events.slice(after).map((event) => event.seq),
          );
        }
      }, 60_000);
    });

    describe('the prompt', () => {
      const ODD = [
        '"double" \'single\' `ticks` $HOME $(id) \\n \\\\ %s {{x}} <b>',
        'line one\nline two\r\nline three\rstill three\ttab',
        'Grüße 안녕하세요 こんにちは 👩‍🚀 \u{1F600} \u0301 \uFEFF end',
        '--help\n-p\n--model x',
      ];

      it.each(ODD)(
        '%j reaches the model byte for byte',
        async (odd) => {
          const prompt = `[[demo:echo]] ${odd}`;
          const { run } = await stage.run(prompt);
          const bytes = Buffer.from(prompt, 'utf8');
          const sha = createHash('sha256').update(bytes).digest('hex');
          expect(run.result.text).toContain(`sha256=${sha} bytes=${bytes.length}`);
        },
        60_000,
      );

      it.each(['/etc/hosts: what is it? [[demo:hello]]', ' /help [[demo:hello]]', '/compact [[demo:hello]]'])(
        '%j is no command of the CLI, and reaches the model',
        async (prompt) => {
          const { run } = await stage.run(prompt);
          expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'succeeded' });
          const texts = stage.model.requests().map((request) => JSON.stringify(request.body));
          expect(texts.some((text) => text.includes(JSON.stringify({ type: 'text', text: prompt }).slice(1, -1)))).toBe(
            true,
          );
        },
        60_000,
      );

      it('of 512 KiB reaches the model whole', async () => {
        const marker = '[[demo:echo]]';
        const prompt = marker + 'x한'.repeat((512 * 1024 - marker.length) / 4);
        const bytes = Buffer.from(prompt, 'utf8');
        expect(bytes.length).toBeLessThanOrEqual(512 * 1024);
        expect(bytes.length).toBeGreaterThan(512 * 1024 - 8);
        const { run } = await stage.run(prompt);
        expect(run.result.text).toContain(createHash('sha256').update(bytes).digest('hex'));
      }, 90_000);

      it('has lone surrogates replaced, and is refused with a NUL', async () => {
        const { run } = await stage.run('[[demo:echo]] lone \ud800 here');
        const bytes = Buffer.from('[[demo:echo]] lone \ufffd here', 'utf8');
        expect(run.result.text).toContain(createHash('sha256').update(bytes).digest('hex'));
        const refused = await stage.request('POST', '/runs', { prompt: 'a\0b' });
        expect(refused.status).toBe(400);
      }, 60_000);
    });

    describe('the key', () => {
      it('goes to the model service and nowhere else', async () => {
        const { run } = await stage.run('[[demo:hello]]');
        const requests = stage.model.requests();
        expect(requests.some((request) => request.headers['x-api-key'] === MODEL_KEY)).toBe(true);
        const output = await stage.request('GET', `/runs/${run.id}/output`);
        const events = await stage.request('GET', `/runs/${run.id}/events`);
        const everything = JSON.stringify([output.body, events.body, run]) + stage.server().printed();
        expect(everything).not.toContain(MODEL_KEY);
      }, 60_000);
    });
  });
};
