import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.js';
import { LAYOUT_TEXTS, renderMail } from './mail-layout.js';
import { MailTexts } from './mail-texts.js';
import { addressed, type OutgoingMail } from './mail-transport.js';

const TEXTS = new MailTexts(['server'], {
  en: { subject: 'Mail of {{service}} arrives', body: 'This mail was sent to try out how {{server}} delivers mail.' },
  de: {
    subject: 'Post von {{service}} kommt an',
    body: 'Diese E-Mail wurde gesendet, um den Versand über {{server}} zu prüfen.',
  },
  fr: {
    subject: 'Les messages de {{service}} arrivent',
    body: 'Ce message a été envoyé pour essayer l’envoi par {{server}}.',
  },
  es: {
    subject: 'Los mensajes de {{service}} llegan',
    body: 'Este mensaje se envió para probar el envío a través de {{server}}.',
  },
});

/** Returns the mail by which an operator tries out where mail goes. */
export function testMail(config: Config, to: string, server: string): OutgoingMail {
  const { defaultLocale: locale, serviceName: service } = config;
  const wording = { locale, texts: TEXTS.in(locale), layout: LAYOUT_TEXTS.in(locale), common: { service, to } };
  const rendered = renderMail({ values: { server }, body: ['body'] }, wording);
  return addressed(config, rendered, { id: randomUUID(), to, at: new Date() });
}
