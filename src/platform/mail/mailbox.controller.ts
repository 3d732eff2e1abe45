import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { Html, html } from '../../common/html.js';
import { Config } from '../config/config.js';
import type { DeliveredMail, DevelopmentMailbox } from './development-mailbox.js';
import { MailTransport } from './mail-transport.js';
import { OwnMachineGuard } from './own-machine.guard.js';

// The frames have no address of their own, and inherit this: mails are styled inline, and reach nothing.
const PAGE_CSP =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE = new Html(`
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem;background:light-dark(#fff,#121212)}
a{color:light-dark(#1d4ed8,#8ab4f8)}
h1{font-size:1.4rem}
details{border:1px solid #8886;border-radius:8px;margin:0 0 .75rem;padding:.6rem .8rem}
summary{cursor:pointer;overflow-wrap:anywhere}
summary small{display:block;opacity:.75}
iframe{width:100%;height:30rem;border:1px solid #8886;border-radius:6px;margin-top:.75rem;resize:vertical}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem;border-top:1px solid #8886;padding-top:.75rem}
li{overflow-wrap:anywhere}
`);

// Links open a page of their own, outside of the sandbox.
const frameOf = (mail: DeliveredMail): string => mail.html.replace('<head>', '<head><base target="_blank">');

const mailOf = (mail: DeliveredMail, index: number): Html => html`
<details${index === 0 ? new Html(' open') : null}>
<summary><strong>${mail.subject}</strong><small>${mail.to} · ${String(mail.at)}</small></summary>
${
  mail.links.length > 0
    ? html`<ul>
        ${mail.links.map((link) => html`<li><a href="${link}">${link}</a></li>`)}
      </ul>`
    : null
}
<iframe title="${mail.subject}" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${frameOf(mail)}"></iframe>
<pre>${mail.text}</pre>
</details>`;

const pageOf = (service: string, mails: readonly DeliveredMail[]): Html =>
  html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>Mailbox of ${service}</title>
      <style>
        ${STYLE}
      </style>
      <main>
        <h1>Mailbox of ${service}</h1>
        <p>
          Without <code>SMTP_URL</code>, development delivers mail here, newest first.
          <a href="/dev/mailbox">Look again</a>
        </p>
        ${mails.length > 0 ? mails.map(mailOf) : html`<p>No mail yet.</p>`}
      </main>
    </html> `;

/**
 * Shows the mail of development on the machine that the service runs on: its links open every account. Absent in production,
 * and with an SMTP server.
 */
@ApiExcludeController()
@Public()
@UseGuards(OwnMachineGuard)
@Controller('dev')
export class MailboxController {
  constructor(
    private readonly config: Config,
    private readonly transport: MailTransport,
  ) {}

  @Get('mailbox')
  async show(@Res() reply: FastifyReply): Promise<void> {
    const page = pageOf(this.config.serviceName, await this.mailbox.list());
    await reply.type('text/html; charset=utf-8').header('Content-Security-Policy', PAGE_CSP).send(page.markup);
  }

  @Get('mailbox.json')
  list(): Promise<DeliveredMail[]> {
    return this.mailbox.list();
  }

  private get mailbox(): DevelopmentMailbox {
    return this.transport as DevelopmentMailbox;
  }
}
