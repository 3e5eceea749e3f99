/** `npm run demo`: the whole product once, on embedded defaults. */
import type { App } from '../app.ts';
import { createClient, type SlipwayClient } from '../client/client.ts';
import type { WireEvent } from '../client/follow.ts';
import { environment, parseConfig } from '../config.ts';
import { describeEvent } from './describe-event.ts';
import { exitCodeOf } from './exit-codes.ts';
import { money, oneLine, safe, say } from './print.ts';
import { startServer } from './serve.ts';

const PROMPT = `Write a file hello.txt in the current directory with one friendly line about slipways,
show it with a Bash command, and finish with one sentence that says what you did.`;

const banner = (demo: boolean): void => {
  if (!demo) return;
  say('');
  say('  ┌──────────────────────────────────────────────────────────────────────────┐');
  say('  │ DEMO MODEL: no ANTHROPIC_API_KEY is set, so the answers are scripted.    │');
  say('  │ Everything else is real: Claude Code, the sandbox, the gateway, the log. │');
  say('  └──────────────────────────────────────────────────────────────────────────┘');
};

const open = async (demo: boolean): Promise<App> => {
  try {
    return await startServer({ demo, quiet: true });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') throw error;
    say('The port is taken; another free one is used.');
    return startServer({ demo, quiet: true }, { PORT: '0' });
  }
};

/** Returns the exit status: 0 only when the run succeeded. */
export const demoCommand = async (options: { readonly keep: boolean }): Promise<number> => {
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_AUTH_TOKEN: token } = environment();
  const app = await open(!(key || token));
  try {
    banner(app.demo);
    const code = await runOnce(app.url);
    if (options.keep) {
      say(`\nThe server goes on at ${app.url} until you press Ctrl-C.`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
      });
    }
    return code;
  } finally {
    await app.close();
    if (!options.keep) say(afterwards(app));
  }
};

/** The address above is one where nobody answers now; what was made is kept. */
const afterwards = ({ url, demo }: App): string => {
  const { port } = new URL(url);
  const setting = port === String(parseConfig(environment()).port) ? '' : `PORT=${port} `;
  const flag = demo ? '--demo' : '';
  return `
The demo's server is stopped; its agent and its run are kept. To open the dashboard, serve again:
  ${`${setting}npm start${demo ? ` -- ${flag}` : ''}`}        # in a clone
  ${`${setting}slipway serve ${flag}`.trimEnd()}      # installed`;
};

const runOnce = async (url: string): Promise<number> => {
  const client = createClient({ url, key: null });
  const agent = await client.createAgent({
    name: 'Demo: hello from the slipway',
    prompt: PROMPT,
    allowedTools: ['Bash(cat:*)', 'Bash(ls:*)'],
  });
  say(`\nAgent     ${agent.name} (${agent.id})`);
  const accepted = await client.runAgent(agent.id, {});
  say(`Run       ${accepted.executionId}\n`);
  await stream(client, accepted.executionId);
  const run = await client.readRun(accepted.executionId);
  say(`\nOutcome   ${run.status}`);
  if (run.result !== undefined) say(`Result    ${safe(run.result.text)}`);
  if (run.error !== undefined) say(`Error     ${run.error.code}: ${safe(run.error.message)} ${run.error.hint ?? ''}`);
  const { inputTokens, outputTokens } = run.tokenUsage;
  say(
    `Usage     ${inputTokens} tokens in, ${outputTokens} out, ${money(run.costUsd)}, model ${oneLine(run.model ?? '-', 60)}`,
  );
  for (const file of await client.listArtifacts(run.id)) {
    say(`File      ${file.status.padEnd(8)} ${oneLine(file.path, 80)} (${file.size} bytes)`);
  }
  say(`Dashboard ${url}/ui`);
  return exitCodeOf(run.status);
};

const stream = async (client: SlipwayClient, runId: string): Promise<void> => {
  for await (const heard of client.followRun(runId)) {
    if (heard.kind === 'reconnecting') say('  … reconnecting');
    else print(heard.event);
  }
};

const print = (event: WireEvent): void => {
  const line = describeEvent(event);
  if (line !== null) say(`  ${String(event.seq).padStart(3)}  ${line.replaceAll('\n', '\n       ')}`);
};
