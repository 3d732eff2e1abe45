import { Injectable } from '@nestjs/common';
import type { MailContext, MailKind } from '../../platform/mail/mail-kind.js';
import { MailTexts } from '../../platform/mail/mail-texts.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import { EMAIL_UNDO } from '../purposes.js';
import type { ContentOf } from '../../platform/mail/content-of.js';
import { timeIn } from '../../platform/mail/time-in.js';

const TEXTS = new MailTexts(['time', 'address'], {
  en: {
    subject: 'Your address for {{service}} was changed',
    changed:
      'Your account at {{service}} uses another address since {{time}}. The change was confirmed from {{address}}. This mail goes to the former address.',
    notYou:
      'If it was not you, take the change back: your account gets this address again, all devices are signed out, and you choose a new password.',
    link: 'Take the change back',
    expiry: 'The link works once, for 7 days. If it was you, you need not do anything.',
  },
  de: {
    subject: 'Ihre Adresse für {{service}} wurde geändert',
    changed:
      'Ihr Konto bei {{service}} verwendet seit {{time}} eine andere Adresse. Die Änderung wurde von {{address}} aus bestätigt. Diese E-Mail geht an die frühere Adresse.',
    notYou:
      'Wenn Sie das nicht waren, machen Sie die Änderung rückgängig: Ihr Konto bekommt diese Adresse zurück, alle Geräte werden abgemeldet, und Sie wählen ein neues Passwort.',
    link: 'Änderung rückgängig machen',
    expiry: 'Der Link funktioniert einmal, 7 Tage lang. Wenn Sie das waren, müssen Sie nichts tun.',
  },
  fr: {
    subject: 'Votre adresse pour {{service}} a été modifiée',
    changed:
      'Votre compte {{service}} utilise une autre adresse depuis le {{time}}. La modification a été confirmée depuis {{address}}. Ce message est envoyé à l’ancienne adresse.',
    notYou:
      'Si ce n’était pas vous, annulez la modification : votre compte retrouve cette adresse, tous les appareils sont déconnectés et vous choisissez un nouveau mot de passe.',
    link: 'Annuler la modification',
    expiry: 'Le lien fonctionne une seule fois, pendant 7 jours. Si c’était vous, vous n’avez rien à faire.',
  },
  es: {
    subject: 'Su dirección de {{service}} ha cambiado',
    changed:
      'Su cuenta de {{service}} usa otra dirección desde el {{time}}. El cambio se confirmó desde {{address}}. Este mensaje va a la dirección anterior.',
    notYou:
      'Si no fue usted, deshaga el cambio: su cuenta recupera esta dirección, se cierra la sesión en todos los dispositivos y usted elige una nueva contraseña.',
    link: 'Deshacer el cambio',
    expiry: 'El enlace funciona una sola vez, durante 7 días. Si fue usted, no tiene que hacer nada.',
  },
});

export interface EmailChangedPayload {
  /** The id of the one-time value. */
  readonly value: string;
  readonly address: string;
}

/** The mail to a former address, with which the change is taken back. */
@Injectable()
export class EmailChangedMail implements MailKind<EmailChangedPayload> {
  readonly name = 'email_changed';
  readonly texts = TEXTS;

  constructor(private readonly values: OneTimeValues) {}

  async render(
    { value: id, address }: EmailChangedPayload,
    { links, locale }: MailContext,
  ): Promise<ContentOf<typeof TEXTS> | null> {
    const { value } = await this.values.find(EMAIL_UNDO, id);
    if (!value) return null;
    const url = links.to('undo-email', this.values.tokenOf(EMAIL_UNDO, id));
    return {
      values: { time: timeIn(locale, value.createdAt.toISOString()), address },
      body: ['changed', 'notYou', { link: 'link', url }, 'expiry'],
    };
  }
}
