import { Injectable } from '@nestjs/common';
import { PasswordsService } from '../../passwords/passwords.service.js';
import type { MailContext, MailKind } from '../../platform/mail/mail-kind.js';
import { MailTexts } from '../../platform/mail/mail-texts.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import type { RequestOrigin } from '../address-requests.js';
import { PASSWORD_RECOVERY } from '../purposes.js';
import type { ContentOf } from '../../platform/mail/content-of.js';
import { deviceName } from './device-name.js';

const TEXTS = new MailTexts(['address', 'device'], {
  en: {
    subject: 'Set a new password for {{service}}',
    asked:
      'Somebody asked for a new password for your account at {{service}}. The request came from {{address}} (device: {{device}}).',
    registered:
      'Somebody registered at {{service}} with your address, from {{address}} (device: {{device}}). There is an account with it that nobody has confirmed yet. If it was you, set its password with this mail: that confirms it, and ends what others may have done with it.',
    noPassword: 'Your account has no password so far. With this mail you give it one.',
    link: 'Set a new password',
    code: 'Or type this code on the device where you asked for it:',
    expiry: 'The link and the code work once, for one hour.',
    notYou:
      'If it was not you, you need not do anything: nothing changes without the link or the code. Tell them to nobody.',
  },
  de: {
    subject: 'Neues Passwort für {{service}} festlegen',
    asked:
      'Jemand möchte ein neues Passwort für Ihr Konto bei {{service}} festlegen. Die Anfrage kam von {{address}} (Gerät: {{device}}).',
    registered:
      'Jemand hat sich bei {{service}} mit Ihrer Adresse registriert, von {{address}} aus (Gerät: {{device}}). Es gibt damit schon ein Konto, das noch niemand bestätigt hat. Wenn Sie das waren, legen Sie mit dieser E-Mail sein Passwort fest: Das bestätigt es und beendet, was andere damit getan haben könnten.',
    noPassword: 'Ihr Konto hat bisher kein Passwort. Mit dieser E-Mail geben Sie ihm eines.',
    link: 'Neues Passwort festlegen',
    code: 'Oder geben Sie diesen Code auf dem Gerät ein, auf dem Sie ihn angefordert haben:',
    expiry: 'Der Link und der Code funktionieren einmal, eine Stunde lang.',
    notYou:
      'Wenn Sie das nicht waren, müssen Sie nichts tun: Ohne den Link oder den Code ändert sich nichts. Geben Sie sie niemandem weiter.',
  },
  fr: {
    subject: 'Choisir un nouveau mot de passe pour {{service}}',
    asked:
      'Quelqu’un a demandé un nouveau mot de passe pour votre compte {{service}}. La demande est venue de {{address}} (appareil : {{device}}).',
    registered:
      'Quelqu’un s’est inscrit à {{service}} avec votre adresse, depuis {{address}} (appareil : {{device}}). Il existe déjà un compte à cette adresse, que personne n’a confirmé. Si c’était vous, choisissez son mot de passe avec ce message : cela le confirme et met fin à ce que d’autres auraient pu en faire.',
    noPassword: 'Votre compte n’a pas encore de mot de passe. Ce message vous permet d’en choisir un.',
    link: 'Choisir un nouveau mot de passe',
    code: 'Ou saisissez ce code sur l’appareil où vous l’avez demandé :',
    expiry: 'Le lien et le code fonctionnent une seule fois, pendant une heure.',
    notYou:
      'Si ce n’était pas vous, vous n’avez rien à faire : rien ne change sans le lien ou le code. Ne les communiquez à personne.',
  },
  es: {
    subject: 'Elegir una nueva contraseña para {{service}}',
    asked:
      'Alguien ha pedido una nueva contraseña para su cuenta de {{service}}. La petición llegó desde {{address}} (dispositivo: {{device}}).',
    registered:
      'Alguien se ha registrado en {{service}} con su dirección, desde {{address}} (dispositivo: {{device}}). Ya existe con ella una cuenta que nadie ha confirmado. Si fue usted, elija su contraseña con este mensaje: eso la confirma y termina lo que otros hubieran podido hacer con ella.',
    noPassword: 'Su cuenta todavía no tiene contraseña. Con este mensaje puede elegir una.',
    link: 'Elegir una nueva contraseña',
    code: 'O escriba este código en el dispositivo donde lo pidió:',
    expiry: 'El enlace y el código funcionan una sola vez, durante una hora.',
    notYou: 'Si no fue usted, no tiene que hacer nada: nada cambia sin el enlace o el código. No se los dé a nadie.',
  },
});

/** What a recovery mail is made of. */
export interface PasswordRecoveryPayload {
  /** The id of the one-time value. */
  readonly value: string;
  readonly userId: string;
  readonly why: 'asked' | 'registered';
  readonly origin: RequestOrigin;
}

/** The mail with which a forgotten password is replaced. */
@Injectable()
export class PasswordRecoveryMail implements MailKind<PasswordRecoveryPayload> {
  readonly name = 'password_recovery';
  readonly texts = TEXTS;
  // Asked for by a person, who shows that the address takes mail again.
  readonly evenIfRefused = true;

  constructor(
    private readonly values: OneTimeValues,
    private readonly passwords: PasswordsService,
  ) {}

  async render(payload: PasswordRecoveryPayload, { links }: MailContext): Promise<ContentOf<typeof TEXTS> | null> {
    const { value: id, userId, why, origin } = payload;
    const { value } = await this.values.find(PASSWORD_RECOVERY, id);
    if (!value) return null;
    const url = links.to('recover', this.values.tokenOf(PASSWORD_RECOVERY, id));
    return {
      values: { address: origin.address, device: deviceName(origin.userAgent) },
      body: [
        why,
        ...((await this.passwords.stateOf(userId)) === 'none' ? (['noPassword'] as const) : []),
        { link: 'link', url },
        'code',
        { code: this.values.codeOf(PASSWORD_RECOVERY, id) },
        'expiry',
        'notYou',
      ],
    };
  }
}
