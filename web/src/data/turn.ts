/** One turn of a conversation as it goes on: what was said so far, and what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { TurnInput } from '../../../src/client/client.ts';
import { api } from './api.ts';
import { conversationQuery, conversationsQuery } from './queries.ts';

export interface Saying {
  /** The user's message that is being answered. */
  readonly message: string;
  readonly conversationId: string | null;
  /** The answer so far. */
  readonly text: string;
  readonly error: unknown;
}

interface Talk {
  /** Null when it is the user's turn. */
  readonly saying: Saying | null;
  readonly say: (input: TurnInput) => Promise<void>;
}

/** `onStarted` is told the conversation's id as soon as there is one. */
export const useTalk = (onStarted: (conversationId: string) => void): Talk => {
  const queries = useQueryClient();
  const [saying, setSaying] = useState<Saying | null>(null);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    leaving.current = new AbortController();
    // Leaving the page ends the listening, not the turn.
    return () => leaving.current.abort();
  }, []);

  const say = useCallback(
    async (input: TurnInput): Promise<void> => {
      const { signal } = leaving.current;
      let now: Saying = { message: input.message, conversationId: input.conversationId ?? null, text: '', error: null };
      const show = (part: Partial<Saying>): void => {
        now = { ...now, ...part };
        if (!signal.aborted) setSaying(now);
      };
      show({});
      let attempt = 0;
      try {
        for await (const spoken of api().converse(input, signal)) {
          if (spoken.kind === 'started') {
            show({ conversationId: spoken.conversationId });
            onStarted(spoken.conversationId);
          } else if (spoken.kind === 'delta') {
            show({ text: spoken.attempt > attempt ? spoken.text : now.text + spoken.text });
            attempt = Math.max(attempt, spoken.attempt);
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        show({ error });
      }
      if (now.conversationId !== null) {
        await queries.invalidateQueries({ queryKey: conversationQuery(now.conversationId).queryKey, exact: true });
        void queries.invalidateQueries({ queryKey: conversationsQuery.queryKey, exact: true });
        void queries.invalidateQueries({ queryKey: ['agents'] });
      }
      // A message that failed is in the conversation by now, with the offer to send it again.
      if (!signal.aborted && (now.error === null || now.conversationId !== null)) setSaying(null);
    },
    [queries, onStarted],
  );
  return { saying, say };
};
