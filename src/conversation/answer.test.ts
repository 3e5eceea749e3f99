import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from './answer.ts';
import { escapeHtml } from './render.ts';

describe('an answer', () => {
  it('is read as far as it has the form, and never throws', () => {
    expect(
      readAnswer({ text: 'Hi', component: { type: 'html', html: '<b>' }, confirmed: 'yes', proposal: [] }),
    ).toEqual({
      ...{ text: 'Hi', status: null, component: null, proposal: null, confirmed: false },
    });
    expect(readAnswer({ text: ' ' })).toBeNull();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        readAnswer(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is cut where it is too long', () => {
    expect(readAnswer({ text: 'x'.repeat(200_000) })?.text).toHaveLength(100_000);
  });
});

describe('escaped text', () => {
  it('holds nothing that opens a tag or ends an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>"\'`&=javascript:/ ') }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`]/);
      }),
    );
  });
});
