import { Link } from '@tanstack/react-router';
import { buttonClass } from '../parts/button.tsx';
import { Page, PageHeader } from '../parts/panel.tsx';
import { Empty } from '../parts/states.tsx';
import { useWords } from '../words/words.ts';

export const ChatPage = () => {
  const words = useWords();
  return (
    <Page>
      <PageHeader title={words.chat.title} />
      <Empty icon="chat" title={words.chat.unavailable}>
        <Link to="/agents/new" className={buttonClass()}>
          {words.actions.newAgent}
        </Link>
      </Empty>
    </Page>
  );
};
