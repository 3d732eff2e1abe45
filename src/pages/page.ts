import { html, type Html } from '../common/html.js';
import type { Locale } from '../common/locale.js';

/** The parts of the Content-Security-Policy in which pages differ. */
interface PagePolicy {
  /** The sources to which forms may be sent, and to which their answers may redirect. */
  formAction?: readonly string[];
  script?: string;
}

/** Makes the policy of a page: nothing but our own files, no frames around it, and only the forms that it names. */
export const policyOfPage = ({ formAction = ["'none'"], script = "'self'" }: PagePolicy = {}): string =>
  [
    "default-src 'none'",
    `script-src ${script}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `form-action ${formAction.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** The policy of a page whose form is sent by its script alone. */
export const PAGE_CSP = policyOfPage();

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
button.plain{background:none;color:inherit;border:1px solid var(--line);margin-top:.75rem}
form ul{padding-left:1.25rem}
button[disabled]{opacity:.6;cursor:progress}
:focus-visible{outline:3px solid #60a5fa;outline-offset:2px}
[role=alert],[role=status]{margin:0 0 1rem;padding:.7rem .8rem;border-radius:6px;border:1px solid var(--line);border-left-width:4px}
[role=alert]{border-left-color:#dc2626}
[role=status]{border-left-color:#16a34a}
[hidden]{display:none}
`;

/** The parts of a page besides its contents. */
interface PageFrame {
  /** The path from the page to the root of the service: empty, or `../`. */
  root?: string;
  /** The page's own script, below the root. */
  script?: string;
}

/** A page of the service. Its addresses are relative, so that it works under a path of a gateway too. */
export const pageOf = (
  locale: Locale,
  service: string,
  title: string,
  content: Html,
  { root = '', script }: PageFrame = {},
): Html =>
  html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${service}</title>
        <link rel="icon" href="${root}favicon.ico" />
        <link rel="stylesheet" href="${root}pages/style.css" />
        ${script === undefined ? null : html`<script src="${root}${script}" defer></script>`}
      </head>
      <body>
        <main>
          <header>${service}</header>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
