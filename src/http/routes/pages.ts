/** What people open in a browser: /, /ui, /docs. Each page is whole in itself and asks no other host for anything. */
import type { Hono } from 'hono';
import { html, raw } from 'hono/html';
import { openApiDocument } from '../../api/openapi.ts';
import type { HttpEnv } from '../context.ts';
import { renderReference } from '../docs-page.ts';
import type { HttpOptions } from '../options.ts';
import { addUi } from '../static.ts';

/** Addresses of pages, for those who must know which addresses there are. */
export const PAGE_PATHS = ['/', '/ui', '/ui/{path}', '/docs'] as const;

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 3rem; } h3 { margin-top: 2rem; }
h3 code { font-size: 1.05em; } code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } nav ul { columns: 2; padding-left: 1.2rem; }
.method { display: inline-block; min-width: 4.2em; padding: 0 .4em; border-radius: .3em; background: var(--soft); }
a:focus-visible { outline: 2px solid; outline-offset: 2px; }
`;
/** Lets a browser use the style above and nothing else. */
const policyOf = (sha256: (text: string) => string): string => {
  const hash = Buffer.from(sha256(STYLE), 'hex').toString('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
};

type Content = ReturnType<typeof html>;

const pageOf = (title: string, body: Content): Content => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`;

/** Adds the pages to `app`. They hold nothing of any user's, so they need no key. */
export const addPages = (app: Hono<HttpEnv>, { engine, version, demo, ui }: HttpOptions): void => {
  const headers = { 'content-security-policy': policyOf(engine.sha256) };
  // Made when it is first asked for, so that no start has to wait for it.
  let reference: Content | null = null;
  const home = pageOf(
    'Slipway',
    html`<main>
<h1>Slipway ${version}</h1>
${demo ? html`<p><strong>Demo model.</strong> Answers come from a script, not from a real model.</p>` : ''}
<p>The server is running, but its dashboard was not built: <code>npm run build</code> builds it, then start again.</p>
<p><a href="/docs">Read the API reference</a>, or fetch <a href="/openapi.json">the OpenAPI document</a>.</p>
</main>`,
  );

  app.get('/', (c) => {
    c.set('route', '/');
    return c.redirect('/ui', 302);
  });
  if (ui === undefined || ui === null) {
    app.get('/ui', (c) => {
      c.set('route', '/ui');
      return c.html(home, 200, headers);
    });
  } else {
    addUi(app, ui);
  }
  app.get('/docs', (c) => {
    c.set('route', '/docs');
    reference ??= pageOf('Slipway HTTP API', renderReference(openApiDocument(version)));
    return c.html(reference, 200, headers);
  });
};
