import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Inline, parseInline, safeHref } from '../../web/src/lib/inline-markdown.ts';
import { parseMarkdown } from '../../web/src/lib/markdown.ts';

const wild = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.constantFrom('**', '_', '`', '```', '[', '](', ')', '<', '|', '- ', '1. ', '> ', '\n', '# ', '\\'),
    ),
  )
  .map((parts) => parts.join(''));

describe('Markdown', () => {
  it('takes any text', () => {
    fc.assert(
      fc.property(wild, (text) => {
        expect(parseMarkdown(text).length > 0).toBe(text.trim() !== '');
      }),
    );
  });

  it('loses no letter of a paragraph', () => {
    const plain = (inlines: readonly Inline[]): string =>
      inlines.map((one) => ('text' in one ? one.text : 'children' in one ? plain(one.children) : '')).join('');
    fc.assert(
      fc.property(wild, (text) => {
        const letters = (from: string) => from.replace(/[^a-z]/g, '');
        const links = /\]\(|https?:/;
        fc.pre(!links.test(text));
        expect(letters(plain(parseInline(text)))).toBe(letters(text));
      }),
    );
  });

  it('reads what models write', () => {
    const text =
      '# Title\n\nSome **bold** and `code`.\n\n- one\n- two\n  - inner\n\n3. three\n\n```ts\n# no title\n```\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---';
    expect(parseMarkdown(text).map(({ kind }) => kind)).toEqual([
      'heading',
      'paragraph',
      'list',
      'list',
      'code',
      'quote',
      'table',
      'rule',
    ]);
    expect(parseMarkdown('3. three')).toMatchObject([{ kind: 'list', start: 3 }]);
    expect(parseInline('**a _b_** `**c**` snake_case_name')).toEqual([
      {
        kind: 'strong',
        children: [
          { kind: 'text', text: 'a ' },
          { kind: 'em', children: [{ kind: 'text', text: 'b' }] },
        ],
      },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: '**c**' },
      { kind: 'text', text: ' snake_case_name' },
    ]);
  });

  it('has no HTML: what looks like it is text', () => {
    const html = '<script>alert(1)</script><b>x</b>';
    expect(parseMarkdown(html)).toEqual([{ kind: 'paragraph', children: [{ kind: 'text', text: html }] }]);
  });

  it.each([
    'javascript:alert(1)',
    'JAVASCRIPT:x',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc',
    '//host/x',
    '/path',
    'java\nscript:x',
  ])('does not link to %j', (address) => {
    expect(safeHref(address)).toBeNull();
    expect(parseInline(`[x](${address})`).some(({ kind }) => kind === 'link')).toBe(false);
  });

  it('links to http and https, with the brackets and stops around left out', () => {
    expect(parseInline('(see https://a.example/b).')).toEqual([
      { kind: 'text', text: '(see ' },
      { kind: 'link', href: 'https://a.example/b', children: [{ kind: 'text', text: 'https://a.example/b' }] },
      { kind: 'text', text: ').' },
    ]);
  });

  it('takes no longer than the text deserves', () => {
    const before = performance.now();
    for (const part of ['**a ', '[', '`', '> ', '- ', '[a](', '_a_ ', '| a ', '~~']) parseMarkdown(part.repeat(5_000));
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});
