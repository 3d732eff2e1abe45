import { html, type Html } from '../../common/html.js';
import type { Locale } from '../../common/locale.js';
import type { AuthorizationAnswer } from '../../oauth/authorization/authorization-answer.js';
import type { Interaction } from '../../oidc/interactions/interactions.service.js';
import { pageOf } from '../page.js';
import { TEXTS } from './single-sign-on.texts.js';

/** The circumstances of a page: its language, the name of the service, and the path to its root. */
export interface PageSetting {
  readonly locale: Locale;
  readonly service: string;
  readonly root: string;
}

/** The reasons for which the sign-in form is shown again. */
export type SignInFault = 'wrong' | 'wait' | 'temporary' | 'refusedPassword' | 'unverified' | 'malformed' | 'failed';

export const hidden = (fields: Readonly<Record<string, string>>): Html[] =>
  Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);

export const alert = (text: string | null): Html | null => (text === null ? null : html`<p role="alert">${text}</p>`);

export interface SignInForm {
  readonly interaction: Interaction;
  readonly formToken: string;
  readonly email: string;
  readonly fault: SignInFault | null;
}

export function signInPage({ locale, service, root }: PageSetting, form: SignInForm): Html {
  const texts = TEXTS[locale];
  const { interaction, formToken, email, fault } = form;
  const asksNew = fault === 'temporary' || fault === 'refusedPassword';
  return pageOf(
    locale,
    service,
    texts.signIn,
    html`<p>${texts.toContinue(interaction.client.name)}</p>
      ${alert(fault && texts[fault])}
      <form method="post" action="sign-in">
        ${hidden({ interaction: interaction.id, form_token: formToken })}
        <label for="email">${texts.email}</label>
        <input id="email" name="email" type="email" autocomplete="username" maxlength="254" required value="${email}" />
        <small></small>
        <label for="password">${texts.password}</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength="1024"
          required
        />
        <small></small>
        ${asksNew ? newPassword(texts.newPassword, texts.hint) : null}
        <button>${texts.button}</button>
      </form>`,
    { root },
  );
}

const newPassword = (label: string, hint: string): Html =>
  html`<label for="new-password">${label}</label>
    <input
      id="new-password"
      name="new_password"
      type="password"
      autocomplete="new-password"
      minlength="8"
      maxlength="256"
      required
      aria-describedby="hint"
    />
    <small id="hint">${hint}</small>`;

export interface ConsentForm {
  readonly interaction: Interaction;
  readonly formToken: string;
  readonly account: { readonly userId: string; readonly email: string };
}

export function consentPage(
  { locale, service, root }: PageSetting,
  { interaction, formToken, account }: ConsentForm,
): Html {
  const texts = TEXTS[locale];
  const named: Record<string, string> = { openid: texts.openid, profile: texts.profile, email: texts.emailScope };
  const { scopes } = interaction.request;
  return pageOf(
    locale,
    service,
    texts.consent(interaction.client.name),
    html`<p>${texts.signedInAs(account.email)}</p>
      <form method="post" action="consent">
        ${hidden({ interaction: interaction.id, form_token: formToken, account: account.userId })}
        ${scopes.length > 0 ? html`<p>${texts.gets}</p>` : null}
        <ul>
          ${scopes.map((scope) => html`<li>${named[scope] ?? texts.scope(scope)}</li>`)}
        </ul>
        <button name="consent" value="allow">${texts.allow}</button>
        <button name="consent" value="deny" class="plain">${texts.deny}</button>
      </form>`,
    { root },
  );
}

/** The page that sends an answer by POST (OAuth 2.0 Form Post Response Mode): by its script, or by its button. */
export function formPostPage(
  { locale, service, root }: PageSetting,
  { target, parameters }: AuthorizationAnswer,
): Html {
  const texts = TEXTS[locale];
  return pageOf(
    locale,
    service,
    texts.goOn,
    html`<form method="post" action="${target.redirectUri}">
      ${hidden(parameters)}
      <p>${texts.continuing}</p>
      <button>${texts.goOn}</button>
    </form>`,
    { root, script: 'pages/form-post.js' },
  );
}

export const FORM_POST_SCRIPT = "'use strict';\ndocument.forms[0].submit();\n";

/** The page that asks a person before signing them out. */
export function signOutPage(
  { locale, service, root }: PageSetting,
  email: string,
  fields: Readonly<Record<string, string>>,
): Html {
  const { signOut, signOutAsk, signedInAs } = TEXTS[locale];
  return pageOf(
    locale,
    service,
    signOut,
    html`<p>${signedInAs(email)} ${signOutAsk}</p>
      <form method="post" action="${root}sign-out">
        ${hidden(fields)}
        <button>${signOut}</button>
      </form>`,
    { root },
  );
}

export function signedOutPage({ locale, service, root }: PageSetting): Html {
  const { signedOut, signedOutText } = TEXTS[locale];
  return pageOf(locale, service, signedOut, html`<p>${signedOutText}</p>`, { root });
}

/** A page that tells a person why something did not work. */
export function errorPage({ locale, service, root }: PageSetting, text: string, requestId: string): Html {
  const { error, reference } = TEXTS[locale];
  const content = html`<p role="alert">${text}</p>
    <small>${reference(requestId)}</small>`;
  return pageOf(locale, service, error, content, { root });
}
