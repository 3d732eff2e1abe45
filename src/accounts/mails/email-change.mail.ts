import { Injectable } from '@nestjs/common';
import type { MailContext, MailKind } from '../../platform/mail/mail-kind.js';
import { MailTexts } from '../../platform/mail/mail-texts.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import type { RequestOrigin } from '../address-requests.js';
import { EMAIL_CHANGE } from '../purposes.js';
import type { ContentOf } from '../../platform/mail/content-of.js';
import { deviceName } from './device-name.js';

const TEXTS = new MailTexts(['address', 'device'], {
  en: {
    subject: 'Confirm your new address for {{service}}',
    asked:
      'The owner of an account at {{service}} wants to use this address for it. The request came from {{address}} (device: {{device}}).',
    link: 'Use this address',
    expiry: 'The link works once, for 24 hours. All devices are signed out by it; then sign in with this address.',
    notYou: 'If it was not you, you need not do anything: nothing changes without the link.',
  },
  de: {
    subject: 'Ihre neue Adresse für {{service}} bestätigen',
    asked:
      'Die Person, der ein Konto bei {{service}} gehört, möchte dafür diese Adresse verwenden. Die Anfrage kam von {{address}} (Gerät: {{device}}).',
    link: 'Diese Adresse verwenden',
    expiry:
      'Der Link funktioniert einmal, 24 Stunden lang. Dabei werden alle Geräte abgemeldet; melden Sie sich danach mit dieser Adresse an.',
    notYou: 'Wenn Sie das nicht waren, müssen Sie nichts tun: Ohne den Link ändert sich nichts.',
  },
  fr: {
    subject: 'Confirmer votre nouvelle adresse pour {{service}}',
    asked:
      'La personne qui possède un compte {{service}} veut utiliser cette adresse. La demande est venue de {{address}} (appareil : {{device}}).',
    link: 'Utiliser cette adresse',
    expiry:
      'Le lien fonctionne une seule fois, pendant 24 heures. Tous les appareils seront déconnectés ; connectez-vous ensuite avec cette adresse.',
    notYou: 'Si ce n’était pas vous, vous n’avez rien à faire : rien ne change sans le lien.',
  },
  es: {
    subject: 'Confirmar su nueva dirección para {{service}}',
    asked:
      'La persona que tiene una cuenta de {{service}} quiere usar esta dirección. La petición llegó desde {{address}} (dispositivo: {{device}}).',
    link: 'Usar esta dirección',
    expiry:
      'El enlace funciona una sola vez, durante 24 horas. Se cerrará la sesión en todos los dispositivos; después inicie sesión con esta dirección.',
    notYou: 'Si no fue usted, no tiene que hacer nada: nada cambia sin el enlace.',
  },
});

export interface EmailChangePayload {
  /** The id of the one-time value. */
  readonly value: string;
  readonly origin: RequestOrigin;
}

/** The mail to a new address, with which it takes the place of the former one. */
@Injectable()
export class EmailChangeMail implements MailKind<EmailChangePayload> {
  readonly name = 'email_change';
  readonly texts = TEXTS;

  constructor(private readonly values: OneTimeValues) {}

  async render(
    { value: id, origin }: EmailChangePayload,
    { links }: MailContext,
  ): Promise<ContentOf<typeof TEXTS> | null> {
    const { value } = await this.values.find(EMAIL_CHANGE, id);
    if (!value) return null;
    const url = links.to('confirm-email', this.values.tokenOf(EMAIL_CHANGE, id));
    return {
      values: { address: origin.address, device: deviceName(origin.userAgent) },
      body: ['asked', { link: 'link', url }, 'expiry', 'notYou'],
    };
  }
}
