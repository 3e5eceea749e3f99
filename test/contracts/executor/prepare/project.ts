/** A repository for jobs to begin with, and what every executor has to tell of the changes in it. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Source } from '../../../../src/core/agent.ts';
import type { Executor } from '../../../../src/ports/executor.ts';
import { type GitServer, openGitServer } from '../../../support/registries/git-server.ts';
import { bytesOf, filesBy, shell } from '../jobs.ts';

export interface ProjectOptions {
  /** Where the repository's `link` leads. */
  readonly outside: string;
  /** `user:password`, where the server asks for one. */
  readonly credentials?: string;
}

/** A server with one project: two commits, of which the second is on a branch, and a tag. */
export const openProject = async ({ outside, credentials }: ProjectOptions): Promise<GitServer> => {
  const server = await openGitServer(credentials);
  mkdirSync(join(server.dir, 'src'));
  writeFileSync(join(server.dir, 'README'), 'first\n');
  writeFileSync(join(server.dir, 'src/main.c'), 'int main;\n');
  writeFileSync(join(server.dir, 'large'), 'x'.repeat(1_100_000));
  writeFileSync(join(server.dir, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync(outside, join(server.dir, 'link'));
  server.git('add', '.');
  server.git('commit', '--quiet', '-m', 'one');
  server.git('tag', 'v1');
  server.git('checkout', '--quiet', '-b', 'side/branch');
  writeFileSync(join(server.dir, 'README'), 'on the side\n');
  server.git('commit', '--quiet', '-am', 'two');
  server.git('checkout', '--quiet', 'main');
  return server;
};

/** Changes each kind of file of the project, and looks at what is told of it. */
export const expectChangesTold = async (executor: Executor, source: Source): Promise<void> => {
  const script = `echo more >> README; rm src/main.c; chmod +x large; echo y >> large; echo z > new; ln -sfn /usr link
    mv run.sh away && mv away run.sh; touch -d 2001-01-01 run.sh; mkdir a; cp run.sh a/run.sh; echo x > .git/x`;
  const execution = await executor.start(shell(script, { source }));
  await execution.exit;
  const files = await filesBy(execution);
  const told = [...files].map(([key, { status, kind }]) => `${key} ${status} ${kind}`).toSorted();
  expect(told).toEqual([
    'workspace:README modified file',
    'workspace:a/run.sh added file',
    'workspace:large modified file',
    'workspace:link modified symlink',
    'workspace:new added file',
    'workspace:src/main.c deleted file',
  ]);
  const atFirst = async (path: string) =>
    Buffer.from((await files.get(`workspace:${path}`)?.before()) ?? 'none').toString();
  expect(await atFirst('README')).toBe('first\n');
  expect(await atFirst('src/main.c')).toBe('int main;\n');
  expect(await atFirst('new')).toBe('none');
  // Too large for a difference: bytes that are no text.
  expect(await atFirst('large')).toBe('\0');
  const readme = files.get('workspace:README');
  expect(readme && (await bytesOf(readme.content())).toString()).toBe('first\nmore\n');
  await execution.release();
};
