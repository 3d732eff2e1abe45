import { Module } from '@nestjs/common';
import { RevocationModule } from '../../revocation/revocation.module.js';
import { SessionsModule } from '../../sessions/sessions.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { SessionCookies } from './session-cookies.js';

@Module({
  imports: [RevocationModule, SessionsModule, TokensModule],
  providers: [SessionCookies],
  exports: [SessionCookies],
})
export class CookiesModule {}
