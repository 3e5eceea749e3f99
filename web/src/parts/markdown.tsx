import { type ReactNode, useMemo } from 'react';
import { cleanText } from '../lib/ansi.ts';
import type { Inline } from '../lib/inline-markdown.ts';
import { type Block, parseMarkdown } from '../lib/markdown.ts';

const inlineOf = (inline: Inline, key: number): ReactNode => {
  switch (inline.kind) {
    case 'text':
      return inline.text;
    case 'code':
      return <code key={key}>{inline.text}</code>;
    case 'break':
      return <br key={key} />;
    case 'strong':
      return <strong key={key}>{inline.children.map(inlineOf)}</strong>;
    case 'em':
      return <em key={key}>{inline.children.map(inlineOf)}</em>;
    case 'del':
      return <del key={key}>{inline.children.map(inlineOf)}</del>;
    case 'link':
      return (
        <a key={key} href={inline.href} title={inline.href} target="_blank" rel="noopener noreferrer nofollow">
          {inline.children.map(inlineOf)}
        </a>
      );
  }
};

// The page has a heading of its own, and so has the message: what a model calls a heading stands below both.
const HEADINGS = { 1: 'h3', 2: 'h4', 3: 'h5', 4: 'h6' } as const;

const blockOf = (block: Block, key: number): ReactNode => {
  switch (block.kind) {
    case 'paragraph':
      return (
        <p key={key} className="whitespace-pre-line">
          {block.children.map(inlineOf)}
        </p>
      );
    case 'heading': {
      const Heading = HEADINGS[block.level];
      return (
        <Heading key={key} className="font-semibold">
          {block.children.map(inlineOf)}
        </Heading>
      );
    }
    case 'code':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre key={key} tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case 'list': {
      // biome-ignore lint/suspicious/noArrayIndexKey: the items of one text never move
      const items = block.items.map((blocks, index) => <li key={index}>{blocks.map(blockOf)}</li>);
      return block.start === null ? (
        <ul key={key}>{items}</ul>
      ) : (
        <ol key={key} start={block.start}>
          {items}
        </ol>
      );
    }
    case 'quote':
      return <blockquote key={key}>{block.blocks.map(blockOf)}</blockquote>;
    case 'table': {
      const [head = [], ...rows] = block.rows;
      return (
        <table key={key}>
          <thead>
            {/* biome-ignore-start lint/suspicious/noArrayIndexKey: the cells of one text never move */}
            <tr>
              {head.map((cell, column) => (
                <th key={column}>{cell.map(inlineOf)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={column}>{cell.map(inlineOf)}</td>
                ))}
              </tr>
            ))}
            {/* biome-ignore-end lint/suspicious/noArrayIndexKey: the cells of one text never move */}
          </tbody>
        </table>
      );
    }
    case 'rule':
      return <hr key={key} />;
  }
};

/** A model's words. They become elements of ours, never HTML. */
export const Markdown = ({ text }: { readonly text: string }) => {
  const blocks = useMemo(() => parseMarkdown(cleanText(text)), [text]);
  return <div className="prose-run">{blocks.map(blockOf)}</div>;
};
