import { html, type Html } from '../common/html.js';
import type { Locale } from '../common/locale.js';
import type { MailPage } from '../platform/mail/mail-links.js';
import { COMMON, TEXTS } from './mail-link.texts.js';
import { pageOf } from './page.js';

/** The route of the API that each page sends its token to, and the password that it asks for. */
const PAGES: Record<MailPage, { endpoint: string; asks: 'new' | 'current' | null }> = {
  recover: { endpoint: 'auth/password/reset', asks: 'new' },
  verify: { endpoint: 'auth/email/verify', asks: 'current' },
  'confirm-email': { endpoint: 'auth/email/confirm', asks: null },
  'undo-email': { endpoint: 'auth/email/undo', asks: null },
  'accept-invitation': { endpoint: 'auth/invitations/accept', asks: 'new' },
};

const alert = (outcome: string, text: string): Html =>
  html`<p role="alert" tabindex="-1" data-outcome="${outcome}" hidden>${text}</p>`;

function passwordFields(asks: 'new' | 'current' | null, locale: Locale): Html | null {
  if (asks === null) return null;
  const { password, current, replace, hint } = COMMON[locale];
  const input = html`<input
    id="password"
    name="password"
    type="password"
    autocomplete="${asks}-password"
    maxlength="256"
    required
    aria-describedby="hint"
  />`;
  if (asks === 'new') return html`<label for="password">${password}</label>${input}<small id="hint">${hint}</small>`;
  // The script sends the password as `new_password` then.
  return html`<label for="password">${current}</label>${input}
    <label class="choice"><input type="checkbox" name="replace" aria-describedby="hint" /> ${replace}</label>
    <small id="hint" data-with="replace" hidden>${hint}</small>`;
}

/** Renders the page that a link in a mail leads to. It holds no token: the browser keeps that. */
export function mailLinkPage(page: MailPage, locale: Locale, service: string): Html {
  const { title, intro, button, done } = TEXTS[locale][page];
  const { refused, wrong, link, wait, failed, script } = COMMON[locale];
  const { endpoint, asks } = PAGES[page];
  return pageOf(
    locale,
    service,
    title,
    html`<noscript><p role="alert">${script}</p></noscript>
      ${alert('refused', refused)} ${alert('wrong', wrong)} ${alert('link', link)} ${alert('wait', wait)}
      ${alert('failed', failed)}
      <p role="status" tabindex="-1" data-outcome="done" hidden>${done}</p>
      <form data-endpoint="${endpoint}">
        <p>${intro}</p>
        ${passwordFields(asks, locale)}
        <button>${button}</button>
      </form>`,
    { script: 'pages/mail-link.js' },
  );
}
