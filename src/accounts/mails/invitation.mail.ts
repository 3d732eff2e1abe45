import { Injectable } from '@nestjs/common';
import type { MailContext, MailKind } from '../../platform/mail/mail-kind.js';
import { MailTexts } from '../../platform/mail/mail-texts.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import { INVITATION } from '../purposes.js';
import type { ContentOf } from '../../platform/mail/content-of.js';

const TEXTS = new MailTexts(['days'], {
  en: {
    subject: 'You are invited to {{service}}',
    invited: 'You are invited to an account at {{service}} with this address.',
    link: 'Choose a password',
    expiry: 'The link works once, for {{days}}. Then you sign in with this address and your password.',
    notYou:
      'If you do not know what this is about, you need not do anything: without the link nobody gets the account.',
  },
  de: {
    subject: 'Einladung zu {{service}}',
    invited: 'Sie sind zu einem Konto bei {{service}} mit dieser Adresse eingeladen.',
    link: 'Passwort wählen',
    expiry:
      'Der Link funktioniert einmal, {{days}} lang. Danach melden Sie sich mit dieser Adresse und Ihrem Passwort an.',
    notYou: 'Wenn Sie nicht wissen, worum es geht, müssen Sie nichts tun: Ohne den Link bekommt niemand das Konto.',
  },
  fr: {
    subject: 'Invitation à {{service}}',
    invited: 'Vous êtes invité à ouvrir un compte {{service}} avec cette adresse.',
    link: 'Choisir un mot de passe',
    expiry:
      'Le lien fonctionne une seule fois, pendant {{days}}. Vous vous connectez ensuite avec cette adresse et votre mot de passe.',
    notYou:
      'Si vous ne savez pas de quoi il s’agit, vous n’avez rien à faire : sans le lien, personne n’obtient le compte.',
  },
  es: {
    subject: 'Invitación a {{service}}',
    invited: 'Le invitan a una cuenta de {{service}} con esta dirección.',
    link: 'Elegir una contraseña',
    expiry:
      'El enlace funciona una sola vez, durante {{days}}. Después inicia sesión con esta dirección y su contraseña.',
    notYou: 'Si no sabe de qué se trata, no tiene que hacer nada: sin el enlace, nadie obtiene la cuenta.',
  },
});

export interface InvitationPayload {
  /** The id of the one-time value. */
  readonly value: string;
  /** How long the invitation works, in hours. */
  readonly hours: number;
}

/** The mail that invites a person. */
@Injectable()
export class InvitationMail implements MailKind<InvitationPayload> {
  readonly name = 'invitation';
  readonly texts = TEXTS;

  constructor(private readonly values: OneTimeValues) {}

  async render(
    { value: id, hours }: InvitationPayload,
    { links, locale }: MailContext,
  ): Promise<ContentOf<typeof TEXTS> | null> {
    const { value } = await this.values.find(INVITATION, id);
    if (!value) return null;
    const [count, unit] = hours >= 48 ? [Math.floor(hours / 24), 'day'] : [hours, 'hour'];
    const days = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
    const url = links.to('accept-invitation', this.values.tokenOf(INVITATION, id));
    return { values: { days }, body: ['invited', { link: 'link', url }, 'expiry', 'notYou'] };
  }
}
