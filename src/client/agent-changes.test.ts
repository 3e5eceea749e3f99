import { describe, expect, it } from 'vitest';
import type { AgentRevisionView } from '../api/agent-schemas.ts';
import { changeBackTo, changeOf, changesBetween } from './agent-changes.ts';

const FIRST: AgentRevisionView = {
  revision: 1,
  updatedAt: '2026-03-01T12:00:00.000Z',
  name: 'n',
  prompt: 'p',
  permissionMode: 'acceptEdits',
  allowedTools: ['Read', 'Bash(ls:*)'],
  disallowedTools: [],
  requiredPackages: [],
  mcpServers: {},
  limits: {
    timeoutSeconds: 300,
    idleSeconds: 120,
    memoryMb: 1024,
    diskMb: 4096,
    cpus: 1,
    maxProcesses: 256,
    maxTurns: 3,
    maxOutputBytes: 1_000,
  },
  network: { allow: [] },
  status: 'active',
};

describe('changes between revisions', () => {
  it('are those of what was decided, not of when', () => {
    expect(changesBetween(FIRST, { ...FIRST, revision: 2, updatedAt: '2026-03-02T12:00:00.000Z' })).toEqual([]);
  });

  it('tell each field as text, before and after', () => {
    const { maxTurns: _, ...limits } = FIRST.limits;
    const next: AgentRevisionView = {
      ...FIRST,
      prompt: 'p\nq',
      model: 'm',
      allowedTools: ['Read'],
      network: { allow: ['a.example', 'b.example'] },
      schedule: { cron: '0 9 * * 1', timezone: 'UTC', overlap: 'skip' },
      limits: { ...limits, cpus: 2 },
    };
    const there = [
      { field: 'prompt', before: 'p', after: 'p\nq' },
      { field: 'schedule', before: '', after: '0 9 * * 1 · UTC · skip' },
      { field: 'model', before: '', after: 'm' },
      { field: 'allowedTools', before: 'Read\nBash(ls:*)', after: 'Read' },
      { field: 'network', before: '', after: 'a.example\nb.example' },
      { field: 'limits.cpus', before: '1', after: '2' },
      { field: 'limits.maxTurns', before: '3', after: '' },
    ];
    const sorted = (changes: readonly { field: string }[]) => changes.toSorted((a, b) => (a.field < b.field ? -1 : 1));
    expect(sorted(changesBetween(FIRST, next))).toEqual(sorted(there));
    const back = there.map(({ field, before, after }) => ({ field, before: after, after: before }));
    expect(sorted(changesBetween(next, FIRST))).toEqual(sorted(back));
  });

  it('of a proposal are told by the same words', () => {
    expect(changeOf('limits', { cpus: 1, maxTurns: null }, { cpus: 2, maxTurns: 4 })).toEqual([
      { field: 'limits.cpus', before: '1', after: '2' },
      { field: 'limits.maxTurns', before: '', after: '4' },
    ]);
    expect(changeOf('requiredPackages', null, ['a', 'b'])).toEqual([
      { field: 'requiredPackages', before: '', after: 'a\nb' },
    ]);
  });
});

it('the way back names all fields, with null for what was not there, and leaves the pause alone', () => {
  const change = changeBackTo(FIRST);
  expect(change).toMatchObject({
    prompt: 'p',
    model: null,
    schedule: null,
    source: null,
    outputSchema: null,
    limits: { maxTurns: 3, maxBudgetUsd: null },
  });
  for (const name of ['status', 'revision', 'updatedAt']) expect(change).not.toHaveProperty(name);
});
