import { html, type Html } from '../../common/html.js';
import type { Interaction } from '../../oidc/interactions/interactions.service.js';
import { pageOf } from '../page.js';
import { alert, hidden, type PageSetting } from './single-sign-on.pages.js';
import { SECOND_FACTOR_TEXTS } from './second-factor.texts.js';

/** The reasons for which the form of the second factor is shown again. */
export type SecondFactorFault = 'wrong' | 'wait' | 'failed';

export interface SecondFactorForm {
  readonly interaction: Interaction;
  readonly formToken: string;
  readonly mfaToken: string;
  /** The methods that the user has, of which the form offers those that it knows. */
  readonly methods: readonly string[];
  readonly fault: SecondFactorFault | null;
}

/** Renders the form in which a person shows the second factor. */
export function secondFactorPage({ locale, service, root }: PageSetting, form: SecondFactorForm): Html {
  const texts = SECOND_FACTOR_TEXTS[locale];
  const { interaction, formToken, mfaToken, methods, fault } = form;
  const known = [
    ['totp', texts.app],
    ['recovery-code', texts.recoveryCode],
  ] as const;
  const offered = known.filter(([method]) => methods.includes(method));
  const fields = {
    interaction: interaction.id,
    form_token: formToken,
    mfa_token: mfaToken,
    methods: methods.join(' '),
  };
  return pageOf(
    locale,
    service,
    texts.title,
    html`${alert(fault && texts[fault])}
      <form method="post" action="${root}sign-in/second-factor">
        ${hidden(fields)}
        <fieldset>
          <legend>${texts.from}</legend>
          ${offered.map(
            ([method, label], index) =>
              html`<label class="choice"
                ><input type="radio" name="method" value="${method}" required ${index === 0 ? html`checked` : null} />
                ${label}</label
              >`,
          )}
        </fieldset>
        <label for="code">${texts.code}</label>
        <input id="code" name="code" autocomplete="one-time-code" maxlength="64" required autofocus />
        <small>${texts.hint}</small>
        <button>${texts.button}</button>
      </form>`,
    { root },
  );
}
