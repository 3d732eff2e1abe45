import { Injectable } from '@nestjs/common';
import type { ContentOf } from '../../platform/mail/content-of.js';
import type { MailContext, MailKind } from '../../platform/mail/mail-kind.js';
import { MailTexts } from '../../platform/mail/mail-texts.js';
import { timeIn } from '../../platform/mail/time-in.js';
import type { FactorChange } from '../mfa.events.js';

const TEXTS = new MailTexts(['time', 'address'], {
  en: {
    subject: 'Your second factor for {{service}} was changed',
    added: 'A second factor was added to your account at {{service}} on {{time}}, from {{address}}.',
    removed: 'A second factor was removed from your account at {{service}} on {{time}}, from {{address}}.',
    recovery_codes:
      'New recovery codes for your account at {{service}} were made on {{time}}, from {{address}}. The former ones do not work any more.',
    reset: 'An administrator of {{service}} removed all second factors of your account on {{time}}.',
    notYou:
      'If this surprises you, somebody else may have access to your account. Ask for a new password where you sign in (“forgotten password”), and tell the operator of {{service}}.',
  },
  de: {
    subject: 'Ihr zweiter Faktor für {{service}} wurde geändert',
    added: 'Zu Ihrem Konto bei {{service}} kam am {{time}} ein zweiter Faktor hinzu, von {{address}} aus.',
    removed: 'Von Ihrem Konto bei {{service}} wurde am {{time}} ein zweiter Faktor entfernt, von {{address}} aus.',
    recovery_codes:
      'Für Ihr Konto bei {{service}} wurden am {{time}} neue Wiederherstellungscodes erstellt, von {{address}} aus. Die bisherigen gelten nicht mehr.',
    reset: 'Die Administration von {{service}} hat am {{time}} alle zweiten Faktoren Ihres Kontos entfernt.',
    notYou:
      'Wenn Sie das überrascht, hat vielleicht jemand anderes Zugriff auf Ihr Konto. Fordern Sie bei der Anmeldung ein neues Passwort an („Passwort vergessen“) und melden Sie es dem Betreiber von {{service}}.',
  },
  fr: {
    subject: 'Votre second facteur pour {{service}} a été modifié',
    added: 'Un second facteur a été ajouté à votre compte {{service}} le {{time}}, depuis {{address}}.',
    removed: 'Un second facteur a été retiré de votre compte {{service}} le {{time}}, depuis {{address}}.',
    recovery_codes:
      'De nouveaux codes de secours ont été créés pour votre compte {{service}} le {{time}}, depuis {{address}}. Les anciens ne fonctionnent plus.',
    reset: 'L’administration de {{service}} a retiré tous les seconds facteurs de votre compte le {{time}}.',
    notYou:
      'Si cela vous surprend, quelqu’un d’autre a peut-être accès à votre compte. Demandez un nouveau mot de passe à la connexion (« mot de passe oublié ») et prévenez l’exploitant de {{service}}.',
  },
  es: {
    subject: 'Su segundo factor de {{service}} ha cambiado',
    added: 'Se añadió un segundo factor a su cuenta de {{service}} el {{time}}, desde {{address}}.',
    removed: 'Se quitó un segundo factor de su cuenta de {{service}} el {{time}}, desde {{address}}.',
    recovery_codes:
      'Se crearon nuevos códigos de recuperación para su cuenta de {{service}} el {{time}}, desde {{address}}. Los anteriores ya no funcionan.',
    reset: 'La administración de {{service}} quitó todos los segundos factores de su cuenta el {{time}}.',
    notYou:
      'Si esto le sorprende, puede que otra persona tenga acceso a su cuenta. Pida una nueva contraseña al iniciar sesión («he olvidado la contraseña») y avise al operador de {{service}}.',
  },
});

export interface SecondFactorPayload {
  readonly change: FactorChange;
  /** RFC 3339. */
  readonly at: string;
  readonly address: string;
}

/** Tells a user that the second factors have changed. */
@Injectable()
export class SecondFactorMail implements MailKind<SecondFactorPayload> {
  readonly name = 'second_factor_changed';
  readonly texts = TEXTS;

  render({ change, at, address }: SecondFactorPayload, { locale }: MailContext): ContentOf<typeof TEXTS> {
    return { values: { time: timeIn(locale, at), address }, body: [change, 'notYou'] };
  }
}
