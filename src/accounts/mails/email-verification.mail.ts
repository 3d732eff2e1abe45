import { Injectable } from '@nestjs/common';
import type { MailContext, MailKind } from '../../platform/mail/mail-kind.js';
import { MailTexts } from '../../platform/mail/mail-texts.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import type { RequestOrigin } from '../address-requests.js';
import { EMAIL_VERIFICATION } from '../purposes.js';
import type { ContentOf } from '../../platform/mail/content-of.js';
import { deviceName } from './device-name.js';

const TEXTS = new MailTexts(['address', 'device'], {
  en: {
    subject: 'Confirm your address for {{service}}',
    asked:
      'An account at {{service}} was made with this address. The request came from {{address}} (device: {{device}}).',
    link: 'Confirm the address',
    code: 'Or type this code where you registered:',
    expiry: 'The link and the code work once, for 24 hours.',
    notYou:
      'If you did not make the account, do not confirm it: without the link and the code, nobody can show that the address is theirs.',
  },
  de: {
    subject: 'Ihre Adresse für {{service}} bestätigen',
    asked:
      'Mit dieser Adresse wurde ein Konto bei {{service}} angelegt. Die Anfrage kam von {{address}} (Gerät: {{device}}).',
    link: 'Adresse bestätigen',
    code: 'Oder geben Sie diesen Code dort ein, wo Sie sich registriert haben:',
    expiry: 'Der Link und der Code funktionieren einmal, 24 Stunden lang.',
    notYou:
      'Wenn Sie das Konto nicht angelegt haben, bestätigen Sie es nicht: Ohne den Link und den Code kann niemand zeigen, dass die Adresse die eigene ist.',
  },
  fr: {
    subject: 'Confirmer votre adresse pour {{service}}',
    asked:
      'Un compte {{service}} a été créé avec cette adresse. La demande est venue de {{address}} (appareil : {{device}}).',
    link: 'Confirmer l’adresse',
    code: 'Ou saisissez ce code là où vous vous êtes inscrit :',
    expiry: 'Le lien et le code fonctionnent une seule fois, pendant 24 heures.',
    notYou:
      'Si vous n’avez pas créé ce compte, ne le confirmez pas : sans le lien ni le code, personne ne peut montrer que l’adresse lui appartient.',
  },
  es: {
    subject: 'Confirmar su dirección para {{service}}',
    asked:
      'Se ha creado una cuenta de {{service}} con esta dirección. La petición llegó desde {{address}} (dispositivo: {{device}}).',
    link: 'Confirmar la dirección',
    code: 'O escriba este código donde se registró:',
    expiry: 'El enlace y el código funcionan una sola vez, durante 24 horas.',
    notYou:
      'Si no creó la cuenta, no la confirme: sin el enlace ni el código, nadie puede demostrar que la dirección es suya.',
  },
});

export interface EmailVerificationPayload {
  /** The id of the one-time value. */
  readonly value: string;
  readonly origin: RequestOrigin;
}

/** The mail with which an address is verified. */
@Injectable()
export class EmailVerificationMail implements MailKind<EmailVerificationPayload> {
  readonly name = 'email_verification';
  readonly texts = TEXTS;
  // Shows whether the address takes mail again.
  readonly evenIfRefused = true;

  constructor(private readonly values: OneTimeValues) {}

  async render(
    { value: id, origin }: EmailVerificationPayload,
    { links }: MailContext,
  ): Promise<ContentOf<typeof TEXTS> | null> {
    const { value } = await this.values.find(EMAIL_VERIFICATION, id);
    if (!value) return null;
    const url = links.to('verify', this.values.tokenOf(EMAIL_VERIFICATION, id));
    const code = this.values.codeOf(EMAIL_VERIFICATION, id);
    return {
      values: { address: origin.address, device: deviceName(origin.userAgent) },
      body: ['asked', { link: 'link', url }, 'code', { code }, 'expiry', 'notYou'],
    };
  }
}
