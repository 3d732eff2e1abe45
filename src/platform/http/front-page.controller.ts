import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { Config, showsDocs } from '../config/config.js';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1d4ed8"/><path d="M9 17l5 5 9-12" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

// The page does not show the version, which would help only attackers who look for old ones.
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Countersign</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>Countersign</h1>
<p>This is an authentication service. Applications use it; it has no pages to visit.</p>
<ul>
<li><a href="/.well-known/openid-configuration">Metadata</a> for applications and services
<li><a href="/problems">Problems</a>: every error code and what to do about it
<li><a href="/health/ready">Health</a>
</ul>
</html>
`;
const PAGE_CSP =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Answers people who open the bare address of the service in a browser. */
@ApiExcludeController()
@Public()
@Controller()
export class FrontPageController {
  constructor(private readonly config: Config) {}

  @Get()
  show(@Res() reply: FastifyReply): void {
    if (showsDocs(this.config)) void reply.redirect('/docs', 302);
    else void reply.type('text/html; charset=utf-8').header('Content-Security-Policy', PAGE_CSP).send(PAGE);
  }

  @Get('favicon.ico')
  @Header('Content-Type', 'image/svg+xml')
  @Header('Cache-Control', 'public, max-age=86400')
  icon(): string {
    return ICON;
  }
}
