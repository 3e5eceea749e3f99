import { Component, type ReactNode } from 'react';
import { useWords } from '../words/words.ts';
import { Button } from './button.tsx';
import { Empty } from './states.tsx';

const Broken = () => {
  const words = useWords();
  return (
    <div role="alert">
      <Empty icon="alert" title={words.states.broken}>
        <Button onClick={() => location.reload()}>{words.states.reload}</Button>
      </Empty>
    </div>
  );
};

/** Keeps the frame when a page breaks. React has this for classes only. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };
  static getDerivedStateFromError() {
    return { broken: true };
  }
  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}
