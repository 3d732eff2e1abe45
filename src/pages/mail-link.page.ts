import { html, type Html } from '../common/html.js';
import type { Locale } from '../common/locale.js';
import type { MailPage } from '../platform/mail/mail-links.js';
import { COMMON, TEXTS } from './mail-link.texts.js';
import { pageOf } from './page.js';

/** The route of the API that each page sends its token to, and whether it asks for a password. */
const PAGES: Record<MailPage, { endpoint: string; asksPassword: boolean }> = {
  recover: { endpoint: 'auth/password/reset', asksPassword: true },
  verify: { endpoint: 'auth/email/verify', asksPassword: false },
  'confirm-email': { endpoint: 'auth/email/confirm', asksPassword: false },
  'undo-email': { endpoint: 'auth/email/undo', asksPassword: false },
};

const alert = (outcome: string, text: string): Html =>
  html`<p role="alert" tabindex="-1" data-outcome="${outcome}" hidden>${text}</p>`;

/** Renders the page that a link in a mail leads to. It holds no token: the browser keeps that. */
export function mailLinkPage(page: MailPage, locale: Locale, service: string): Html {
  const { title, intro, button, done } = TEXTS[locale][page];
  const { password, hint, refused, link, wait, failed, script } = COMMON[locale];
  const { endpoint, asksPassword } = PAGES[page];
  return pageOf(
    locale,
    service,
    title,
    html`<noscript><p role="alert">${script}</p></noscript>
      ${alert('refused', refused)} ${alert('link', link)} ${alert('wait', wait)} ${alert('failed', failed)}
      <p role="status" tabindex="-1" data-outcome="done" hidden>${done}</p>
      <form data-endpoint="${endpoint}">
        <p>${intro}</p>
        ${
          asksPassword
            ? html`<label for="password">${password}</label>
                <input
                  id="password"
                  name="password"
                  type="password"
                  autocomplete="new-password"
                  minlength="8"
                  maxlength="256"
                  required
                  aria-describedby="hint"
                />
                <small id="hint">${hint}</small>`
            : null
        }
        <button>${button}</button>
      </form>`,
  );
}
