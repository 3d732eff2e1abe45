import { Injectable } from '@nestjs/common';
import type { MailKind } from '../../platform/mail/mail-kind.js';
import { MailTexts } from '../../platform/mail/mail-texts.js';
import type { RequestOrigin } from '../address-requests.js';
import type { ContentOf } from '../../platform/mail/content-of.js';
import { deviceName } from './device-name.js';

const TEXTS = new MailTexts(['address', 'device'], {
  en: {
    subject: 'You have an account at {{service}} already',
    asked:
      'Somebody tried to register at {{service}} with your address, from {{address}} (device: {{device}}). You have an account already, and it is as it was.',
    signIn:
      'If it was you, sign in with your password. If you have forgotten it, ask for a new one where you sign in (“forgotten password”).',
    notYou: 'If it was not you, you need not do anything. Whoever it was has not been told that you have an account.',
  },
  de: {
    subject: 'Sie haben bereits ein Konto bei {{service}}',
    asked:
      'Jemand wollte sich bei {{service}} mit Ihrer Adresse registrieren, von {{address}} aus (Gerät: {{device}}). Sie haben bereits ein Konto, und daran hat sich nichts geändert.',
    signIn:
      'Wenn Sie das waren, melden Sie sich mit Ihrem Passwort an. Haben Sie es vergessen, fordern Sie bei der Anmeldung ein neues an („Passwort vergessen“).',
    notYou:
      'Wenn Sie das nicht waren, müssen Sie nichts tun. Wer immer es war, hat nicht erfahren, dass Sie ein Konto haben.',
  },
  fr: {
    subject: 'Vous avez déjà un compte {{service}}',
    asked:
      'Quelqu’un a voulu s’inscrire à {{service}} avec votre adresse, depuis {{address}} (appareil : {{device}}). Vous avez déjà un compte, et rien n’y a changé.',
    signIn:
      'Si c’était vous, connectez-vous avec votre mot de passe. Si vous l’avez oublié, demandez-en un nouveau à la connexion (« mot de passe oublié »).',
    notYou: 'Si ce n’était pas vous, vous n’avez rien à faire. Cette personne n’a pas appris que vous avez un compte.',
  },
  es: {
    subject: 'Ya tiene una cuenta de {{service}}',
    asked:
      'Alguien ha intentado registrarse en {{service}} con su dirección, desde {{address}} (dispositivo: {{device}}). Usted ya tiene una cuenta, y nada ha cambiado en ella.',
    signIn:
      'Si fue usted, inicie sesión con su contraseña. Si la ha olvidado, pida una nueva al iniciar sesión («he olvidado la contraseña»).',
    notYou: 'Si no fue usted, no tiene que hacer nada. A esa persona no se le ha dicho que usted tiene una cuenta.',
  },
});

export interface AccountExistsPayload {
  readonly origin: RequestOrigin;
}

/** Tells the owner of an account that somebody has registered with its address. */
@Injectable()
export class AccountExistsMail implements MailKind<AccountExistsPayload> {
  readonly name = 'account_exists';
  readonly texts = TEXTS;

  render({ origin }: AccountExistsPayload): ContentOf<typeof TEXTS> {
    return {
      values: { address: origin.address, device: deviceName(origin.userAgent) },
      body: ['asked', 'signIn', 'notYou'],
    };
  }
}
