/** One's own API keys: listed, made — the secret is shown this once — and revoked. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import type { KeyView } from '../../../../src/api/key-schemas.ts';
import { api, isKeyInUse } from '../../data/api.ts';
import { notifyError } from '../../data/notify-error.ts';
import { keysQuery, meQuery } from '../../data/queries.ts';
import { notify } from '../../lib/toasts.ts';
import { useWords } from '../../words/words.ts';
import { INPUT } from '../agent-form/field.tsx';
import { Button, buttonClass, IconButton } from '../button.tsx';
import { CopyButton } from '../copy-button.tsx';
import { Dialog } from '../dialog.tsx';
import { Empty, Failed, Loading } from '../states.tsx';
import { Time } from '../time.tsx';

const NAME_LENGTH = 200;

/** Asks for a name, then shows the secret in the same place. */
const CreateKey = ({ onClose }: { readonly onClose: () => void }) => {
  const { keys } = useWords().settings;
  const { actions } = useWords();
  const queries = useQueryClient();
  const id = useId();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => api().createKey(name.trim()),
    onSuccess: () => queries.invalidateQueries(keysQuery),
    onError: notifyError,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  if (create.data !== undefined) {
    return (
      <Dialog title={keys.made(create.data.key.name)} onClose={onClose}>
        <div className="flex flex-col gap-3 p-4">
          <p>{keys.once}</p>
          <div className="flex items-center gap-1 rounded-md border border-strong-line bg-bg py-1 pr-1 pl-2.5">
            <input
              readOnly
              aria-label={keys.secret}
              value={create.data.secret}
              onFocus={(event) => event.target.select()}
              className="min-w-0 flex-1 bg-transparent font-mono text-xs"
            />
            <CopyButton text={create.data.secret} label={keys.copy} />
          </div>
          <div className="flex justify-end">
            <Button kind="primary" onClick={onClose}>
              {keys.kept}
            </Button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={keys.create} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-1.5 p-4">
        <label htmlFor={id} className="font-medium">
          {keys.name}
        </label>
        <input
          id={id}
          value={name}
          maxLength={NAME_LENGTH}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setName(event.target.value)}
          className={INPUT}
        />
        <p id={`${id}-hint`} className="text-xs text-dim">
          {keys.nameHint}
        </p>
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={onClose}>{actions.dismiss}</Button>
          <button type="submit" disabled={name.trim() === '' || create.isPending} className={buttonClass('primary')}>
            {actions.create}
          </button>
        </div>
      </form>
    </Dialog>
  );
};

const RevokeKey = ({ apiKey, onClose }: { readonly apiKey: KeyView; readonly onClose: () => void }) => {
  const { actions, settings } = useWords();
  const { keys } = settings;
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api().revokeKey(apiKey.id),
    onSuccess: async () => {
      notify(keys.revoked(apiKey.name));
      onClose();
      await queries.invalidateQueries();
    },
    onError: notifyError,
  });
  return (
    <Dialog title={keys.revokeTitle(apiKey.name)} onClose={onClose}>
      <div className="flex flex-col gap-3 p-4">
        <p>{keys.revokeText}</p>
        {isKeyInUse(apiKey.prefix) ? <p className="font-medium text-warn">{keys.revokeOwn}</p> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{actions.dismiss}</Button>
          <Button kind="danger" icon="trash" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
            {keys.revoke}
          </Button>
        </div>
      </div>
    </Dialog>
  );
};

const KeyRow = ({ apiKey, onRevoke }: { readonly apiKey: KeyView; readonly onRevoke: () => void }) => {
  const { keys } = useWords().settings;
  const { name, prefix, createdAt, lastUsedAt, revokedAt } = apiKey;
  const valid = revokedAt === undefined;
  return (
    <li className="flex items-center gap-3 border-b border-line py-2 pr-2 pl-3.5 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-2">
          <span className={`truncate font-medium ${valid ? '' : 'text-dim line-through'}`}>{name}</span>
          {valid && isKeyInUse(prefix) ? (
            <span className="shrink-0 rounded bg-accent/10 px-1.5 text-xs font-medium text-accent">{keys.inUse}</span>
          ) : null}
        </p>
        <p className="flex flex-wrap gap-x-2 text-xs text-dim">
          <code className="font-mono">{prefix}…</code>
          <span>
            {keys.createdAt} <Time at={createdAt} />
          </span>
          {valid ? (
            <span>
              {lastUsedAt === undefined ? (
                keys.neverUsed
              ) : (
                <>
                  {keys.usedAt} <Time at={lastUsedAt} />
                </>
              )}
            </span>
          ) : (
            <span className="text-bad">
              {keys.revokedAt} <Time at={revokedAt} />
            </span>
          )}
        </p>
      </div>
      {valid ? <IconButton label={`${keys.revoke}: ${name}`} icon="trash" onClick={onRevoke} /> : null}
    </li>
  );
};

export const Keys = () => {
  const { keys } = useWords().settings;
  const list = useQuery(keysQuery);
  const { data: me } = useQuery(meQuery);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<KeyView | null>(null);
  if (list.isPending) return <Loading lines={3} />;
  if (list.isError) return <Failed error={list.error} onRetry={() => list.refetch()} />;
  const asked = me?.auth !== 'none';
  return (
    <>
      {list.data.length === 0 ? (
        <Empty icon="lock" title={keys.none} />
      ) : (
        <ul className="scroll-thin max-h-80 overflow-y-auto">
          {list.data.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={() => setRevoking(key)} />
          ))}
        </ul>
      )}
      <div className="border-t border-line px-3.5 py-2.5">
        {asked ? (
          <Button icon="plus" onClick={() => setCreating(true)}>
            {keys.create}
          </Button>
        ) : (
          <>
            <p className="text-dim">{keys.notAsked}</p>
            <pre className="mt-2 overflow-x-auto rounded-md bg-raised px-3 py-2 font-mono text-xs">
              {'slipway keys create\nSLIPWAY_AUTH=api-key slipway serve'}
            </pre>
          </>
        )}
      </div>
      {creating ? <CreateKey onClose={() => setCreating(false)} /> : null}
      {revoking === null ? null : <RevokeKey apiKey={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
};
