/** What an agent leaves to be collected, and what its words do to who reads them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../cli/slipway.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { type Attack, attack } from './attacker.ts';

const LEAVE = String.raw`mkdir -p a/b loop
ln -s /etc/passwd link; ln -s ../../../../../../../../etc/shadow a/relative; ln -s / root; ln -s .. loop/up; ln -s /proc/self/environ env
ln /usr/bin/id hard; ln /etc/hostname hard2; ln /proc/self/environ hard3
mkfifo fifo; mknod disk b 8 0; mknod zero c 1 5; perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("socket"))'
printf x > $'new\nline'; printf x > $'\xff\xfe'; printf x > '..%2f..%2fetc'; printf x > '...'; printf x > ' '; printf x > '-rf'
printf x > 'C:\windows'; printf x > $'\e]0;owned\a'; printf x > '<img src=x onerror=alert(1)>'
printf '<script>alert(1)</script>' > page.html; printf '<svg onload="alert(1)"/>' > image.svg; truncate -s 10M hole
printf '\e[2J\e]0;owned\a\e[31m<script>alert(1)</script>\r\nX-Forged: yes\n'; echo end`;

let stage: Stage;
let left: Attack;
let names: readonly string[];
beforeAll(async () => {
  stage = await openStage();
  const secret = join(stage.server().dataDir, 'runs', 'secret');
  mkdirSync(join(secret, '..'), { recursive: true });
  writeFileSync(secret, 'of-the-server');
  left = await attack(stage, LEAVE);
  const { body } = await stage.request('GET', `/runs/${left.run.id}/artifacts`);
  names = body.data.map((file: { path: string }) => file.path);
}, 120_000);
afterAll(() => stage.close());

const fetched = (path: string) => stage.request('GET', `/runs/${left.run.id}/artifacts/${path}`);

describe('an artifact', () => {
  it('that is a link out of the workspace is named and has no content', async () => {
    expect(left.printed).toContain('end');
    for (const name of ['link', 'a/relative', 'root', 'loop/up', 'env']) {
      expect(names).toContain(name);
      const { status, body } = await fetched(encodeURIComponent(name));
      expect([status, JSON.stringify(body)]).not.toEqual([200, expect.stringMatching(/root:|HOME|ANTHROPIC/)]);
    }
    expect(names.filter((name) => /^(root|link|loop\/up)\//.test(name))).toEqual([]);
    for (const name of ['hard', 'hard2', 'hard3']) expect(names).not.toContain(name);
  });

  it('is no device, no FIFO and no socket, and nobody waits for one', () => {
    expect(names).toContain('page.html');
    for (const name of ['fifo', 'disk', 'zero', 'socket']) expect(names).not.toContain(name);
    expect(left.run.status).toBe('succeeded');
  });

  it('may have any name, and none is ever a path of the host', async () => {
    for (const name of ['new\nline', '..%2f..%2fetc', '...', ' ', '-rf', 'C:\\windows', '\u001b]0;owned\u0007']) {
      expect(names).toContain(name);
      const { status, body } = await fetched(encodeURIComponent(name));
      expect([name, status, body]).toEqual([name, 200, 'x']);
    }
    expect(names.some((name) => name.includes('\ufffd'))).toBe(true);
    const { dataDir } = stage.server();
    for (const path of [
      '..%2F..%2F..%2Fsecret',
      '..%2F..%2Fsecret',
      '%2Fetc%2Fpasswd',
      '..%252f..%252fsecret',
      'a%2F..%2F..%2Fsecret',
      'page.html%00.txt',
      '..%5c..%5csecret',
      encodeURIComponent(join(dataDir, 'runs', 'secret')),
    ]) {
      const { status, body } = await fetched(path);
      expect([path, status]).toEqual([path, expect.toSatisfy((code: number) => code === 400 || code === 404)]);
      expect(JSON.stringify(body)).not.toMatch(/of-the-server|root:x/);
    }
  });

  it('is something to be saved, also when it looks like a page', async () => {
    for (const name of ['page.html', 'image.svg']) {
      const { headers, body } = await fetched(name);
      expect(body).toContain('alert(1)');
      expect(headers.get('content-disposition')).toMatch(/^attachment/);
      expect(headers.get('content-type')).not.toMatch(/html|svg|xml/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      // Also where a browser shows it all the same: without scripts, and as nobody's page.
      expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    }
  });
});

describe('the agent’s words', () => {
  it('are data in an answer of the server: no page, no header, no script', async () => {
    for (const path of ['', '/events', '/output', '/diff', '/artifacts']) {
      const response = await stage.request('GET', `/runs/${left.run.id}${path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).not.toMatch(/html|svg|xml/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('x-forged')).toBeNull();
    }
  });

  it('have no power over a terminal', async () => {
    for (const command of ['logs', 'show', 'diff', 'files']) {
      const going = start(['runs', command, left.run.id], { env: { SLIPWAY_URL: stage.server().url } });
      const { out: stdout } = await going.ended;
      expect(stdout.length).toBeGreaterThan(0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }
  });
});
