import type { ReactNode } from 'react';
import type { ConversationDetailView } from '../../../../src/api/conversation-schemas.ts';
import { cleanText } from '../../lib/ansi.ts';
import { useLanguage } from '../../lib/preferences.ts';
import { saidOfTurn } from '../../words/said.ts';
import { useWords } from '../../words/words.ts';
import { Button } from '../button.tsx';
import { Icon } from '../icons.tsx';
import { Markdown } from '../markdown.tsx';
import { Said } from '../said.tsx';
import { Time } from '../time.tsx';
import { Component } from './component.tsx';

export type Message = ConversationDetailView['messages'][number];

interface BubbleProps {
  readonly by: Message['role'];
  readonly at?: string;
  readonly children: ReactNode;
}

/** Who says something, and what. */
export const Bubble = ({ by, at, children }: BubbleProps) => {
  const words = useWords();
  const user = by === 'user';
  return (
    <div className={`flex flex-col gap-1 ${user ? 'items-end' : 'items-start'}`}>
      <p className="flex items-center gap-2 px-1 text-xs text-dim">
        <span className="font-medium">{user ? words.chat.you : words.chat.designer}</span>
        {at === undefined ? null : <Time at={at} />}
      </p>
      <div
        className={`max-w-[min(44rem,100%)] rounded-xl border px-3.5 py-2.5 ${user ? 'border-accent/25 bg-accent/10' : 'border-line bg-panel'}`}
      >
        {children}
      </div>
    </div>
  );
};

interface MessageProps {
  readonly message: Message;
  readonly onAgain: (text: string) => void;
}

export const ChatMessage = ({ message, onAgain }: MessageProps) => {
  const words = useWords();
  const language = useLanguage();
  return (
    <Bubble by={message.role} at={message.at}>
      {message.role === 'user' ? (
        <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{cleanText(message.text)}</p>
      ) : (
        <Markdown text={message.text} />
      )}
      {message.component === null ? null : <Component component={message.component} />}
      {message.agentCreated ? (
        <p className="mt-2 flex items-center gap-1.5 font-medium text-good">
          <Icon name="check" />
          {words.chat.created}
        </p>
      ) : null}
      {message.status === 'failed' ? (
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <div>
            {message.error === undefined ? (
              <p className="text-bad">{words.chat.failed}</p>
            ) : (
              <Said said={saidOfTurn(message.error, language)} className="text-bad" />
            )}
          </div>
          <Button icon="retry" onClick={() => onAgain(message.text)}>
            {words.chat.again}
          </Button>
        </div>
      ) : null}
    </Bubble>
  );
};
