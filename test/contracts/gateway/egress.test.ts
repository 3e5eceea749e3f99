/** A run's way to hosts: opened and closed with its way to the model, and what its reader hears. */
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Run } from '../../../src/core/run.ts';
import { runningRun } from './run-witness.ts';
import { openScene, replyTo, type Scene, until } from './scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const allowing = (...allow: string[]): Run => {
  const run = runningRun();
  return scene.witness.add({ ...run, task: { ...run.task, network: { allow } } });
};
const socketOf = (run: Run): string => join(scene.socketsDir, run.id, 'egress.sock');
const ask = (run: Run, host: string) =>
  replyTo(request({ socketPath: socketOf(run), path: `http://${host}/`, agent: false }).end());
const heard = (run: Run) => scene.witness.events(run.id).filter((event) => event.type !== 'run.running');

it('is there for a run that names hosts, and for no other', async () => {
  const run = allowing('good.example');
  const other = scene.witness.add(runningRun());
  const [access] = await Promise.all([scene.gateway.open(run), scene.gateway.open(other)]);
  expect([existsSync(socketOf(run)), existsSync(socketOf(other))]).toEqual([true, false]);
  await access.close();
  expect(existsSync(socketOf(run))).toBe(false);
});

it('tells each refused host once, as an event with the setting that would allow it', async () => {
  const run = allowing('good.example');
  await scene.gateway.open(run);
  for (const host of ['evil.example', 'evil.example', '169.254.169.254']) {
    expect((await ask(run, host)).status).toBe(403);
  }
  await until(() => heard(run).length === 2);
  expect(heard(run)).toMatchObject([
    {
      type: 'egress.refused',
      data: { host: 'evil.example', port: 80, hint: expect.stringContaining('network.allow') },
    },
    {
      type: 'egress.refused',
      data: { host: '169.254.169.254', port: 80, hint: expect.stringContaining('No setting') },
    },
  ]);
});

it('tells a hundred, then that there were more, also across a restart', async () => {
  const run = allowing('good.example');
  await scene.gateway.open(run);
  for (let at = 0; at < 60; at += 1) await ask(run, `evil-${at}.example`);
  await until(() => heard(run).length === 60);
  await scene.gateway.stop();
  const next = scene.another();
  await next.open(run);
  for (let at = 50; at < 110; at += 1) await ask(run, `evil-${at}.example`);
  await until(() => heard(run).length === 101);
  const types = heard(run).map((event) => event.type);
  expect(types.slice(0, 100).every((type) => type === 'egress.refused')).toBe(true);
  expect(types[100]).toBe('truncated');
  await next.stop();
  const last = scene.another();
  await last.open(run);
  await ask(run, 'evil-again.example');
  await last.stop();
  expect(heard(run)).toHaveLength(101);
});
