import { describe, expect, it } from 'vitest';
import { createSystemClock, createSystemRandom } from './clock.ts';
import { unifiedDiff } from './diff.ts';
import { createLogger } from './logger.ts';

describe('the clock', () => {
  it('wakes a sleeper at once when it is told to, and whoever was told beforehand', async () => {
    const clock = createSystemClock();
    const alarm = new AbortController();
    const sleeping = clock.sleep(60_000, alarm.signal);
    alarm.abort();
    await sleeping;
    await clock.sleep(60_000, alarm.signal);
    await clock.sleep(0);
  });

  it('gives as many random bytes as asked for', () => {
    const random = createSystemRandom();
    expect(random.bytes(10)).toHaveLength(10);
    expect(random.float()).toBeGreaterThanOrEqual(0);
    expect(random.float()).toBeLessThan(1);
  });
});

describe('the log', () => {
  const lines: string[] = [];
  const logger = createLogger('debug', (line) => lines.push(line));

  it('is JSON, a line each, with what its parent had', () => {
    logger.child({ runId: 'r' }).info({ status: 202 }, 'accepted');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'info', runId: 'r', status: 202, msg: 'accepted' });
    expect(lines.at(-1)).toMatch(/\n$/);
  });

  it.each<[object, string]>([
    [{ apiKey: 'topsecret' }, 'a field'],
    [{ config: { authToken: 'topsecret' } }, 'a field below'],
    [{ env: { X: 'topsecret' } }, 'an environment'],
    [{ err: new Error(`refused: ${['sk', 'ant', 'topsecret'].join('-')}`) }, 'an error'],
    [{ header: 'Bearer topsecretbearer' }, 'a header'],
    [{ text: 'slwrun_0199-topsecretmac' }, 'a run token'],
  ])('does not show a secret in %j (%s)', (fields) => {
    logger.warn(fields, 'careful');
    expect(lines.at(-1)).not.toContain('topsecret');
    expect(lines.at(-1)).toContain('careful');
  });
});

describe('a unified diff', () => {
  it('is headed as git heads it', () => {
    expect(unifiedDiff('a.txt', 'one\ntwo\n', 'one\n2\n')).toBe(
      '--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n',
    );
    expect(unifiedDiff('new', '', 'x\n')).toContain('--- /dev/null\n+++ b/new\n');
    expect(unifiedDiff('gone', 'x\n', '')).toContain('--- a/gone\n+++ /dev/null\n');
  });

  it('quotes a name that could be taken for something else, and says when there is nothing to show', () => {
    expect(unifiedDiff('a\n+++ b/etc/passwd', '', 'x\n')).toContain('+++ "b/a\\n+++ b/etc/passwd"\n');
    expect(unifiedDiff('picture', null, null)).toBe('Files differ (binary, or too large to show): "picture"\n');
    expect(unifiedDiff('same', 'x', 'x')).toBe('');
  });
});
