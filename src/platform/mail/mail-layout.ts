import { Html, html } from '../../common/html.js';
import type { Locale } from '../../common/locale.js';
import type { MailContent } from './mail-kind.js';
import { fill, MailTexts, type CommonValue } from './mail-texts.js';

/** Columns of a line of text: a terminal that quotes it has 80. */
const WIDTH = 72;

/** A mail as people see it. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
}

/** The texts that all mails share. */
export const LAYOUT_TEXTS = new MailTexts([], {
  en: { footer: '{{service}} sent this mail to {{to}}.', copy: 'If the button does not work, open this address:' },
  de: {
    footer: 'Diese E-Mail hat {{service}} an {{to}} geschickt.',
    copy: 'Falls der Knopf nicht funktioniert, öffnen Sie diese Adresse:',
  },
  fr: {
    footer: '{{service}} a envoyé ce message à {{to}}.',
    copy: 'Si le bouton ne fonctionne pas, ouvrez cette adresse :',
  },
  es: {
    footer: '{{service}} ha enviado este mensaje a {{to}}.',
    copy: 'Si el botón no funciona, abra esta dirección:',
  },
});

/** The words of a mail in its language. */
export interface Wording {
  readonly locale: Locale;
  readonly texts: Readonly<Record<string, string>>;
  readonly layout: ReturnType<(typeof LAYOUT_TEXTS)['in']>;
  readonly common: Readonly<Record<CommonValue, string>>;
}

/** Makes the text and the HTML of a mail from the same content. Neither needs anything from the network. */
export function renderMail({ values, body }: MailContent, { locale, texts, layout, common }: Wording): RenderedMail {
  const say = (text: string): string => fill(text, { ...values, ...common });
  const parts = body.map((block) => {
    if (typeof block === 'string') return paragraph(say(texts[block]!));
    return 'code' in block ? code(block.code) : link(say(texts[block.link]!), block.url, say(layout.copy));
  });
  const subject = say(texts['subject']!);
  const footer = say(layout.footer);
  return {
    subject,
    text: [...parts.map(({ text }) => text), `-- \n${wrap(footer)}`].join('\n\n').concat('\n'),
    html: page(
      subject,
      locale,
      parts.map(({ markup }) => markup),
      footer,
    ).markup,
    links: body.flatMap((block) => (typeof block === 'object' && 'url' in block ? [block.url] : [])),
  };
}

interface Part {
  text: string;
  markup: Html;
}

const paragraph = (text: string): Part => ({
  text: wrap(text),
  markup: html`<p style="margin:0 0 16px">
    ${text.split('\n').map((line, index) => (index === 0 ? html`${line}` : html`<br />${line}`))}
  </p>`,
});

const code = (digits: string): Part => ({
  text: `    ${digits}`,
  markup: html`<p style="margin:0 0 16px;font:600 28px/1.4 ui-monospace,Menlo,Consolas,monospace;letter-spacing:4px">
    ${digits}
  </p>`,
});

// On a line of its own, and never wrapped: terminals make a link of it as it is.
const link = (label: string, url: string, copy: string): Part => ({
  text: `${wrap(`${label}:`)}\n${url}`,
  markup: html`<p style="margin:24px 0">
      <a
        href="${url}"
        style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#ffffff;font-weight:600;text-decoration:none"
        >${label}</a
      >
    </p>
    <p style="margin:0 0 16px;font-size:14px">
      ${copy}<br /><a href="${url}" style="overflow-wrap:anywhere;word-break:break-all">${url}</a>
    </p>`,
});

const page = (subject: string, locale: Locale, parts: readonly Html[], footer: string): Html =>
  html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>${subject}</title>
      </head>
      <body style="margin:0;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
        <div style="max-width:560px;margin:0 auto">
          <h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${subject}</h1>
          ${parts}
          <p style="margin:32px 0 0;padding-top:16px;border-top:1px solid #8888;font-size:13px;opacity:.75">
            ${footer}
          </p>
        </div>
      </body>
    </html> `;

/** Breaks lines at blanks; what is longer than a line stays whole. */
function wrap(text: string): string {
  const lines = text.split('\n').flatMap((line) => {
    const broken: string[] = [''];
    for (const word of line.split(' ')) {
      const before = broken.at(-1)!;
      if (before === '') broken[broken.length - 1] = word;
      else if (before.length + 1 + word.length <= WIDTH) broken[broken.length - 1] = `${before} ${word}`;
      else broken.push(word);
    }
    return broken;
  });
  return lines.join('\n');
}
