import { Injectable } from '@nestjs/common';
import type { MailContext, MailKind } from '../../platform/mail/mail-kind.js';
import { MailTexts } from '../../platform/mail/mail-texts.js';
import type { ContentOf } from '../../platform/mail/content-of.js';
import { timeIn } from '../../platform/mail/time-in.js';

const TEXTS = new MailTexts(['time', 'address'], {
  en: {
    subject: 'Your password for {{service}} was changed',
    byUser: 'The password of your account at {{service}} was changed on {{time}}, from {{address}}.',
    byAdmin:
      'An administrator of {{service}} gave your account a temporary password on {{time}}. You choose one of your own when you next sign in.',
    notYou:
      'If this surprises you, somebody else may have access to your account. Ask for a new password where you sign in (“forgotten password”), and tell the operator of {{service}}.',
  },
  de: {
    subject: 'Ihr Passwort für {{service}} wurde geändert',
    byUser: 'Das Passwort Ihres Kontos bei {{service}} wurde am {{time}} geändert, von {{address}} aus.',
    byAdmin:
      'Die Administration von {{service}} hat Ihrem Konto am {{time}} ein vorläufiges Passwort gegeben. Bei der nächsten Anmeldung wählen Sie ein eigenes.',
    notYou:
      'Wenn Sie das überrascht, hat vielleicht jemand anderes Zugriff auf Ihr Konto. Fordern Sie bei der Anmeldung ein neues Passwort an („Passwort vergessen“) und melden Sie es dem Betreiber von {{service}}.',
  },
  fr: {
    subject: 'Votre mot de passe pour {{service}} a été modifié',
    byUser: 'Le mot de passe de votre compte {{service}} a été modifié le {{time}}, depuis {{address}}.',
    byAdmin:
      'L’administration de {{service}} a donné un mot de passe provisoire à votre compte le {{time}}. Vous choisirez le vôtre à la prochaine connexion.',
    notYou:
      'Si cela vous surprend, quelqu’un d’autre a peut-être accès à votre compte. Demandez un nouveau mot de passe à la connexion (« mot de passe oublié ») et prévenez l’exploitant de {{service}}.',
  },
  es: {
    subject: 'Su contraseña de {{service}} ha cambiado',
    byUser: 'La contraseña de su cuenta de {{service}} se cambió el {{time}}, desde {{address}}.',
    byAdmin:
      'La administración de {{service}} dio a su cuenta una contraseña provisional el {{time}}. Elegirá una propia la próxima vez que inicie sesión.',
    notYou:
      'Si esto le sorprende, puede que otra persona tenga acceso a su cuenta. Pida una nueva contraseña al iniciar sesión («he olvidado la contraseña») y avise al operador de {{service}}.',
  },
});

export interface PasswordChangedPayload {
  readonly by: 'user' | 'admin';
  /** RFC 3339. */
  readonly at: string;
  readonly address: string;
}

/** Tells a user that their password is another one. */
@Injectable()
export class PasswordChangedMail implements MailKind<PasswordChangedPayload> {
  readonly name = 'password_changed';
  readonly texts = TEXTS;

  render({ by, at, address }: PasswordChangedPayload, { locale }: MailContext): ContentOf<typeof TEXTS> {
    return {
      values: { time: timeIn(locale, at), address },
      body: [by === 'user' ? 'byUser' : 'byAdmin', 'notYou'],
    };
  }
}
