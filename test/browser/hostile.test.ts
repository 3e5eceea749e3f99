/** A run whose output tries to be more than text: scripts, links, terminal escapes, text that turns around. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Scenario } from '../../src/demo/scenario.ts';
import { openScene, type Scene } from '../support/browser/scene.ts';

const SCRIPT = '<script>window.hurt=1</script><img src=x onerror="window.hurt=2"><svg onload="window.hurt=3"></svg>';
const LINKS = [
  '[one](javascript:window.hurt=4)',
  '[two](data:text/html,<script>1</script>)',
  '[three](JaVaScRiPt:window.hurt=5)',
  '[four](//evil.example/x)',
  '[five](https://good.example/path)',
  '<https://also.example>',
  '![six](https://tracker.example/pixel.png)',
].join(' ');
/** Printed by the agent's own shell: title, link, screen clearing, cursor moves, colour, right-to-left override. */
const ESCAPES =
  "printf '\\033]0;TITLE\\007\\033]8;;https://evil.example\\033\\\\LINK\\033]8;;\\033\\\\ \\033[2J\\033[31mRED\\033[0m \\342\\200\\256EDOC<script>window.hurt=6</script>\\n'";

const SCENARIOS: Record<string, Scenario> = {
  hostile: {
    about: 'Everything that a page must not obey.',
    turns: [
      {
        blocks: [
          {
            type: 'text',
            text: `# ${SCRIPT}\n\n${LINKS}\n\n\`\`\`html\n${SCRIPT}\n\`\`\`\n\n| a |\n|---|\n| ${SCRIPT} |`,
          },
          { type: 'tool', name: 'Bash', input: { command: ESCAPES } },
        ],
      },
      {
        blocks: [
          {
            type: 'tool',
            name: 'Write',
            input: { file_path: '/workspace/<img src=x onerror=hurt>.html', content: SCRIPT },
          },
        ],
      },
      { blocks: [{ type: 'text', text: `The end ${SCRIPT}` }] },
    ],
  },
};

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ scenarios: SCENARIOS });
});
afterAll(() => scene.close());

it('is shown as the text that it is', async () => {
  const prompt = `[[demo:hostile]] ${SCRIPT}`;
  const { run } = await scene.stage.run(prompt, { allowedTools: ['Bash', 'Write'] });
  expect(run.status).toBe('succeeded');
  const page = await scene.open(`/runs/${run.id}`);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).host));
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await transcript.getByText('The end').first().waitFor();
  const output = transcript.getByRole('region', { name: 'Result' }).filter({ hasText: 'RED' });
  await output.waitFor();
  const printed = (await output.textContent()) ?? '';
  expect(printed).toContain('LINK RED');
  for (const hidden of ['TITLE', 'evil.example', '\u001b', '\u202e']) expect(printed).not.toContain(hidden);
  expect(printed).toContain('<script>window.hurt=6</script>');
  expect(await output.locator('.fg-1').textContent()).toBe('RED');

  const links = await transcript
    .locator('a')
    .evaluateAll((all) =>
      all.map((link) => [link.getAttribute('href'), link.getAttribute('rel'), link.getAttribute('target')]),
    );
  const rel = 'noopener noreferrer nofollow';
  expect(links).toEqual([
    ['https://good.example/path', rel, '_blank'],
    ['https://also.example/', rel, '_blank'],
    ['https://tracker.example/pixel.png', rel, '_blank'],
  ]);
  expect(await page.locator('main img, main script, main iframe').count()).toBe(0);

  await page.getByRole('tab', { name: 'Files' }).click();
  await page.getByText('<img src=x onerror=hurt>.html').first().waitFor();
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('region', { name: /^Preview/ }).waitFor();
  await page.getByRole('tab', { name: 'Task' }).click();
  await page.getByText(prompt).first().waitFor();
  await page.goto(`${scene.stage.server().url}/ui/runs`);
  await page.getByText('window.hurt=1').first().waitFor();

  expect(await page.evaluate('window.hurt')).toBeUndefined();
  const own = new URL(scene.stage.server().url).host;
  expect(asked.filter((host) => host !== own && host !== '')).toEqual([]);
  expect(scene.complaints()).toEqual([]);
});

it('cannot use what it smuggles in, for the policy of the page lets nothing else run', async () => {
  const page = await scene.open('/');
  await page.getByRole('heading', { name: 'Home' }).waitFor();
  const script =
    "const s = document.createElement('script'); s.textContent = 'window.hurt = 7'; document.head.append(s)";
  await page.evaluate(script);
  expect(await page.evaluate('window.hurt')).toBeUndefined();
  expect(scene.complaints().join()).toContain('Content Security Policy');
});
