import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api, isUnauthenticated, messageOf, signIn } from '../data/api.ts';
import { buttonClass } from '../parts/button.tsx';
import { useWords } from '../words/words.ts';

/** Asks for an API key, where the server asks for one. */
export const SignIn = () => {
  const words = useWords();
  const queries = useQueryClient();
  const id = useId();
  const [key, setKey] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    signIn(key.trim());
    try {
      await api().readMe();
      await queries.resetQueries();
    } catch (error) {
      signIn(null);
      setFault(isUnauthenticated(error) ? words.signIn.refused : messageOf(error));
    }
  };
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <form
        onSubmit={submit}
        className="flex w-full max-w-sm flex-col gap-4 rounded-xl border border-line bg-panel p-6"
      >
        <div className="flex items-center gap-2.5">
          <img src="/ui/icon.svg" alt="" className="size-7" />
          <h1 className="text-xl font-semibold">{words.signIn.title}</h1>
        </div>
        <p className="text-dim">{words.signIn.text}</p>
        <div className="flex flex-col gap-1.5">
          <label htmlFor={id} className="font-medium">
            {words.signIn.key}
          </label>
          <input
            id={id}
            type="password"
            autoComplete="off"
            required
            value={key}
            placeholder="slw_…"
            aria-invalid={fault !== null}
            aria-describedby={`${id}-fault`}
            onChange={(event) => setKey(event.target.value)}
            className="h-9 rounded-md border border-strong-line bg-bg px-2.5 font-mono text-sm"
          />
          <p id={`${id}-fault`} role="alert" className="text-bad">
            {fault}
          </p>
        </div>
        <button type="submit" className={buttonClass('primary')}>
          {words.signIn.submit}
        </button>
        <p className="text-xs text-dim">
          {words.signIn.hint} <code className="font-mono">slipway keys create</code>
        </p>
      </form>
    </main>
  );
};
