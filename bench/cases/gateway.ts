/** What the gateway adds to the first byte of a model's answer: the same request straight to the model's address, and through a run's socket. */
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { openScene } from '../../test/contracts/gateway/scene.ts';
import { endEvents, MODEL, startEvent, streams, textEvent } from '../../test/contracts/gateway/scripted-upstream.ts';
import { median, ms, quantile, report } from '../figures.ts';

const PAIRS = 300;

const firstByte = async (begin: () => ClientRequest): Promise<number> => {
  const asked = performance.now();
  const [answer]: IncomingMessage[] = await once(begin(), 'response');
  if (answer?.statusCode !== 200) throw new Error(`The model answered ${answer?.statusCode}.`);
  const ended = once(answer, 'end');
  await once(answer, 'data');
  const took = performance.now() - asked;
  await ended;
  return took;
};

export const gatewayFirstByte = async (): Promise<void> => {
  const scene = await openScene();
  try {
    scene.upstream.answer(streams(startEvent(), textEvent('x'), ...endEvents()));
    const run = await scene.enter();
    const straight = (): ClientRequest => {
      const asked = request(`${scene.upstream.baseUrl}/v1/messages?beta=true`, {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', 'x-api-key': 'any' },
      });
      asked.end(JSON.stringify({ model: MODEL, stream: true }));
      return asked;
    };
    const alone: number[] = [];
    const through: number[] = [];
    for (let round = -20; round < PAIRS; round += 1) {
      const pair = [await firstByte(straight), await firstByte(() => run.begin())] as const;
      if (round < 0) continue;
      alone.push(pair[0]);
      through.push(pair[1]);
    }
    const added = through.map((took, index) => took - (alone[index] ?? 0));
    report('first byte: straight, through the gateway', `${ms(median(alone))}, ${ms(median(through))}`);
    report('added, pair by pair, p50, p90', `${ms(median(added))}, ${ms(quantile(added, 0.9))}`, '≤ 2 ms');
  } finally {
    await scene.close();
  }
};
