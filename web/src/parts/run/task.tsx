import { useQuery } from '@tanstack/react-query';
import { taskQuery } from '../../data/queries.ts';
import { cleanText } from '../../lib/ansi.ts';
import { useWords } from '../../words/words.ts';
import { Failed, Loading } from '../states.tsx';
import { Terminal } from '../terminal.tsx';

/** What the run was told to do. */
export const Task = ({ runId }: { readonly runId: string }) => {
  const words = useWords();
  const task = useQuery(taskQuery(runId));
  if (task.isPending) return <Loading lines={5} />;
  if (task.isError) return <Failed error={task.error} onRetry={() => task.refetch()} />;
  const { prompt, permissionMode, allowedTools, disallowedTools, requiredPackages, network, agentRevision } = task.data;
  const facts = [
    [words.form.permissionMode, [words.form.permissionModes[permissionMode]]],
    [words.form.allowedTools, allowedTools],
    [words.form.disallowedTools, disallowedTools],
    [words.form.requiredPackages, requiredPackages],
    [words.form.network, network.allow],
  ] as const;
  return (
    <div className="flex flex-col gap-5 p-4 sm:p-5">
      <section aria-label={words.run.prompt}>
        <h2 className="mb-1.5 text-sm font-semibold">{words.run.prompt}</h2>
        <p className="rounded-lg border border-line bg-bg p-3.5 whitespace-pre-wrap [overflow-wrap:anywhere]">
          {cleanText(prompt)}
        </p>
      </section>
      <section aria-label={words.run.settings}>
        <h2 className="mb-1.5 text-sm font-semibold">
          {words.run.settings}
          {agentRevision === undefined ? null : (
            <span className="ml-2 font-normal text-dim">{words.run.revision(agentRevision)}</span>
          )}
        </h2>
        <dl className="flex flex-col gap-2">
          {facts
            .filter(([, values]) => values.length > 0)
            .map(([name, values]) => (
              <div key={name} className="grid gap-x-4 sm:grid-cols-[11rem_1fr]">
                <dt className="text-dim">{name}</dt>
                <dd className="[overflow-wrap:anywhere]">
                  {values.map((value) => (
                    <div key={value}>{cleanText(value)}</div>
                  ))}
                </dd>
              </div>
            ))}
        </dl>
      </section>
      {task.data.outputSchema === undefined ? null : (
        <section aria-label={words.form.outputSchema}>
          <h2 className="mb-1.5 text-sm font-semibold">{words.form.outputSchema}</h2>
          <Terminal text={JSON.stringify(task.data.outputSchema, null, 2)} label={words.form.outputSchema} />
        </section>
      )}
    </div>
  );
};
