import type { MailPage } from '../../src/platform/mail/mail-links.js';
import type { INestApplicationContext } from '@nestjs/common';
import { Transactions } from '../../src/platform/database/transactions.js';
import type { MailKind } from '../../src/platform/mail/mail-kind.js';
import { Mailer, type NewMail } from '../../src/platform/mail/mailer.js';
import { MailTexts } from '../../src/platform/mail/mail-texts.js';

export interface Greeting {
  name: string;
  token?: string;
  gone?: boolean;
}

type Key = 'subject' | 'hello' | 'open' | 'typed';

const TEXTS = new MailTexts<Key, 'name'>(['name'], {
  en: { subject: 'Welcome, {{name}}', hello: 'Hello {{name}}, this is {{service}}.', open: 'Open', typed: 'Or type:' },
  de: {
    subject: 'Willkommen, {{name}}',
    hello: 'Guten Tag {{name}}, hier ist {{service}}. Schöne Grüße!',
    open: 'Öffnen',
    typed: 'Oder tippen Sie:',
  },
  fr: {
    subject: 'Bienvenue, {{name}}',
    hello: 'Bonjour {{name}}, voici {{service}}. À bientôt !',
    open: 'Ouvrir',
    typed: 'Ou tapez :',
  },
  es: {
    subject: 'Le damos la bienvenida, {{name}}',
    hello: 'Hola {{name}}, aquí {{service}}. ¡Hasta mañana!',
    open: 'Abrir',
    typed: 'O escriba:',
  },
});

/** A kind of mail of the tests, with everything that a mail can have. */
export const GREETING = {
  name: 'greeting',
  texts: TEXTS,
  render: ({ name, token = 'a-token', gone = false }, { links }) =>
    gone
      ? null
      : {
          values: { name },
          body: ['hello', { link: 'open', url: links.to('greet' as MailPage, token) }, 'typed', { code: '314159' }],
        },
} satisfies MailKind<Greeting, Key, 'name'>;

const IN_AN_HOUR = () => new Date(Date.now() + 3_600_000);

/** Sends a greeting in a transaction of its own. */
export const greet = (
  { app }: { app: INestApplicationContext },
  mail: Partial<NewMail<Greeting>> = {},
): Promise<string | null> =>
  app
    .get(Transactions)
    .run((manager) =>
      app
        .get(Mailer)
        .send(
          GREETING,
          { to: 'alice@example.com', locale: null, payload: { name: 'Alice' }, expiresAt: IN_AN_HOUR(), ...mail },
          manager,
        ),
    );
