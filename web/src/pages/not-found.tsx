import { Link } from '@tanstack/react-router';
import { buttonClass } from '../parts/button.tsx';
import { Page } from '../parts/panel.tsx';
import { Empty } from '../parts/states.tsx';
import { useWords } from '../words/words.ts';

export const NotFound = () => {
  const words = useWords();
  return (
    <Page>
      <h1 className="sr-only">{words.states.notFound}</h1>
      <Empty icon="search" title={words.states.notFound}>
        <Link to="/" className={buttonClass()}>
          {words.states.goHome}
        </Link>
      </Empty>
    </Page>
  );
};
