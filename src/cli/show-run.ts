/** A run and what became of it, for people. */
import type { RunView } from '../api/run-schemas.ts';
import type { ArtifactView } from '../api/system-schemas.ts';
import { money, oneLine, outputWidth, safe, say } from './print.ts';
import { ago, took } from './times.ts';

const LABEL = 11;
const MOST_FILES = 20;

const row = (label: string, text: string): void => {
  const [first = '', ...rest] = safe(text).split('\n');
  say(`${label.padEnd(LABEL)}${first}`.trimEnd());
  for (const line of rest) say(`${' '.repeat(LABEL)}${line}`.trimEnd());
};

const outcome = (run: RunView): string =>
  run.stopReason === undefined || ['end_turn', 'error', run.status].includes(run.stopReason)
    ? run.status
    : `${run.status} (${run.stopReason})`;

const usage = ({ tokenUsage, costUsd, model }: RunView): string =>
  `${tokenUsage.inputTokens} tokens in, ${tokenUsage.outputTokens} out, ${money(costUsd)}, model ${model ?? '-'}`;

/** The end of a transcript; the result only when the transcript has not just said it. */
export const sayOutcome = (
  run: RunView,
  files: readonly ArtifactView[],
  options: { readonly lastSaid: string; readonly now: number },
): void => {
  say();
  row('Outcome', `${outcome(run)} after ${took(run.startedAt ?? run.createdAt, run.endedAt, options.now)}`);
  if (run.result !== undefined && run.result.text.trim() !== options.lastSaid.trim()) row('Result', run.result.text);
  if (run.result?.structured !== undefined) row('Output', JSON.stringify(run.result.structured, null, 2));
  sayError(run);
  if (run.permissionDenials.length > 0) {
    const tools = [...new Set(run.permissionDenials.map(({ tool }) => tool))].join(', ');
    row('Denied', `${run.permissionDenials.length} tool call(s): ${tools}. Allow one with --allow-tool.`);
  }
  row('Usage', usage(run));
  sayFiles(files);
  row('Run', run.id);
};

const sayError = ({ error }: RunView): void => {
  if (error === undefined) return;
  // A firing that was dropped on purpose is no error; it has a reason.
  if (error.code === 'skipped') row('Reason', error.message);
  else row('Error', `${error.code}: ${error.message}`);
  if (error.hint !== undefined) row('', error.hint);
};

const sayFiles = (files: readonly ArtifactView[]): void => {
  const width = Math.max(20, outputWidth() - LABEL);
  files.slice(0, MOST_FILES).forEach((file, at) => {
    row(at === 0 ? 'Files' : '', oneLine(`${file.status.padEnd(8)} ${file.path} (${file.size} bytes)`, width));
  });
  if (files.length > MOST_FILES) row('', `… and ${files.length - MOST_FILES} more; \`slipway runs files\` lists them`);
};

/** `slipway runs show`. */
export const sayRun = (run: RunView, now: number): void => {
  row('Run', run.id);
  row('Status', outcome(run));
  if (run.agentId !== undefined) row('Agent', run.agentId);
  if (run.retryOf !== undefined) row('Retry of', run.retryOf);
  row('Trigger', run.trigger.kind);
  row('Created', `${ago(run.createdAt, now)} (${run.createdAt})`);
  row('Took', took(run.startedAt, run.endedAt, now));
  if (run.cancelRequestedAt !== undefined) row('Cancel', `asked for ${ago(run.cancelRequestedAt, now)}`);
  row('Usage', usage(run));
  if (run.limitsHit.length > 0) row('Limits hit', run.limitsHit.join(', '));
  for (const { tool, input } of run.permissionDenials) {
    row('Denied', oneLine(`${tool} ${JSON.stringify(input)}`, Math.max(20, outputWidth() - LABEL)));
  }
  sayError(run);
  if (run.result !== undefined) row('Result', run.result.text);
  if (run.result?.structured !== undefined) row('Output', JSON.stringify(run.result.structured, null, 2));
};
