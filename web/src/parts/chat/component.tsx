import type { ReactNode } from 'react';
import type { ComponentView } from '../../../../src/api/conversation-schemas.ts';
import { cleanText } from '../../lib/ansi.ts';
import { formatExact } from '../../lib/format.ts';
import { useLanguage } from '../../lib/preferences.ts';
import { Icon, type IconName } from '../icons.tsx';
import { Markdown } from '../markdown.tsx';

const Card = ({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ReactNode;
}) => (
  <div className="mt-2.5 rounded-lg border border-line bg-bg px-3 py-2.5">
    <p className="flex items-center gap-2 font-medium">
      <Icon name={icon} className="text-dim" />
      {cleanText(title)}
    </p>
    <div className="mt-1.5">{children}</div>
  </div>
);

/** A typed part of an answer, drawn from its data: the server's own HTML of it is for clients without parts like these. */
export const Component = ({ component }: { readonly component: ComponentView }) => {
  const language = useLanguage();
  switch (component.type) {
    case 'schedule':
      return (
        <Card icon="clock" title={`${component.data.cron} · ${component.data.timezone}`}>
          <ul className="text-dim">
            {component.data.nextFirings.map((at) => (
              <li key={at}>{formatExact(Date.parse(at), language)}</li>
            ))}
          </ul>
        </Card>
      );
    case 'summary':
      return (
        <Card icon="info" title={component.data.title}>
          <dl className="flex flex-col gap-1">
            {component.data.lines.map(({ label, value }) => (
              <div key={label} className="flex justify-between gap-4">
                <dt className="text-dim">{cleanText(label)}</dt>
                <dd className="text-right">{cleanText(value)}</dd>
              </div>
            ))}
          </dl>
        </Card>
      );
    case 'result':
      return (
        <Card icon="file" title={component.data.title}>
          <Markdown text={component.data.text} />
        </Card>
      );
  }
};
