import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalEmail } from '../common/email.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';
import type { OpenedSession } from '../sessions/sessions.service.js';
import type { TokenResponse } from '../sessions/token.view.js';
import type { CookieSessionView } from './cookies/session-cookie.view.js';
import { SessionCookies } from './cookies/session-cookies.js';
import type { ProvedUser } from './sign-in/decide-sign-in.js';
import { deviceOf } from './sign-in/device.js';
import { KnownDevices } from './sign-in/known-device.js';
import type { SignInBinding } from './sign-in/second-factor-tickets.js';
import { SignInService } from './sign-in/sign-in.service.js';

/** Ends a sign-in over HTTP, by any method: opens the session and answers with its tokens or its cookie. */
@Injectable()
export class SignInCompletion {
  constructor(
    private readonly signIn: SignInService,
    private readonly devices: KnownDevices,
    private readonly cookies: SessionCookies,
  ) {}

  /**
   * Opens the session and remembers the device. `account`: the canonical address of the user; null where the device is
   * known already. Throws as {@link SignInService.signIn} does.
   */
  async complete(
    user: ProvedUser,
    binding: SignInBinding,
    account: string | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TokenResponse | CookieSessionView> {
    if (binding.transport === 'cookie') {
      const { claim, facts } = await this.openInBrowser(user, account === null, request, reply);
      return this.cookies.viewOf(claim, facts);
    }
    const { keyThumbprint } = binding;
    const tokens = await this.signIn.signIn(user, { ...deviceOf(request), keyThumbprint });
    if (account !== null) this.devices.remember(reply, account, user.id);
    return tokens;
  }

  /** Opens a session of the browser in place of the former one, so that nobody can have planted it, and sets its cookies. */
  async openInBrowser(
    user: ProvedUser,
    isKnownDevice: boolean,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<OpenedSession> {
    const replaced = this.cookies.sessionsToReplace(request);
    const opened = await this.signIn.replace(replaced, user, deviceOf(request), changeContextOf(request));
    this.cookies.setCookie(reply, opened.claim, opened.facts);
    if (!isKnownDevice) this.devices.remember(reply, canonicalEmail(opened.facts.email)!, user.id);
    return opened;
  }
}
