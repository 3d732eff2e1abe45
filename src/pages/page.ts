import { html, type Html } from '../common/html.js';
import type { Locale } from '../common/locale.js';

/** Nothing but our own files, and no form that is sent without the script. */
export const PAGE_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

export const STYLE = `:root{color-scheme:light dark;--accent:#1d4ed8;--line:#8888}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;margin:0;padding:1rem}
main{max-width:26rem;margin:8vh auto 0;padding:1.5rem;border:1px solid var(--line);border-radius:12px}
header{font-size:.875rem;opacity:.8}
h1{font-size:1.375rem;line-height:1.3;margin:.25rem 0 1rem;overflow-wrap:anywhere}
label{display:block;font-weight:600;margin:0 0 .25rem}
input{font:inherit;width:100%;margin:0 0 .25rem;padding:.6rem .7rem;border:1px solid var(--line);border-radius:6px}
label.choice{font-weight:400;margin:1rem 0}
label.choice input{width:auto}
small{display:block;margin:.25rem 0 1rem;opacity:.85}
button{font:inherit;font-weight:600;width:100%;padding:.7rem;border:0;border-radius:6px;background:var(--accent);color:#fff;cursor:pointer}
button[disabled]{opacity:.6;cursor:progress}
:focus-visible{outline:3px solid #60a5fa;outline-offset:2px}
[role=alert],[role=status]{margin:0 0 1rem;padding:.7rem .8rem;border-radius:6px;border:1px solid var(--line);border-left-width:4px}
[role=alert]{border-left-color:#dc2626}
[role=status]{border-left-color:#16a34a}
[hidden]{display:none}
`;

/** A page of the service. Its addresses are relative, so that it works under a path of a gateway too. */
export const pageOf = (locale: Locale, service: string, title: string, content: Html): Html =>
  html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${service}</title>
        <link rel="icon" href="favicon.ico" />
        <link rel="stylesheet" href="pages/style.css" />
        <script src="pages/mail-link.js" defer></script>
      </head>
      <body>
        <main>
          <header>${service}</header>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
