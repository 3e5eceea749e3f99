/** Components as HTML. Everything that is not a tag written here is escaped: no word of a model is ever markup. */
import type { ComponentView } from '../api/conversation-schemas.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text that is text wherever it stands, in an element or in a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"'`]/g, (char) => ENTITIES[char] ?? '');

type Data<Type extends ComponentView['type']> = Extract<ComponentView, { type: Type }>['data'];

const rows = (lines: readonly { readonly label: string; readonly value: string }[]): string =>
  lines.map(({ label, value }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('');

export const renderSchedule = ({ cron, timezone, nextFirings }: Data<'schedule'>): string =>
  `<section class="component schedule"><p><code>${escapeHtml(cron)}</code> ${escapeHtml(timezone)}</p><ol>${nextFirings
    .map((at) => `<li><time datetime="${escapeHtml(at)}">${escapeHtml(at)}</time></li>`)
    .join('')}</ol></section>`;

export const renderSummary = ({ title, lines }: Data<'summary'>): string =>
  `<section class="component summary"><h3>${escapeHtml(title)}</h3><dl>${rows(lines)}</dl></section>`;

export const renderResult = ({ title, text }: Data<'result'>): string =>
  `<section class="component result"><h3>${escapeHtml(title)}</h3><pre>${escapeHtml(text)}</pre></section>`;
