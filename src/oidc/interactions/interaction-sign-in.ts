import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { SessionCookies } from '../../auth/cookies/session-cookies.js';
import type { LoginRequest } from '../../auth/password/login-request.js';
import { deviceOf } from '../../auth/sign-in/device.js';
import { KnownDevices } from '../../auth/sign-in/known-device.js';
import { SignInService } from '../../auth/sign-in/sign-in.service.js';
import { canonicalEmail } from '../../common/email.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { Authorizations, type AuthorizationOutcome } from '../authorization/authorizations.service.js';
import type { Interaction } from './interactions.service.js';

/** A sign-in that an authorization request has led to. */
export interface InteractionRequest extends LoginRequest {
  interaction: Interaction;
}

/** Signs a person in whose credentials have been checked, and goes on with the interaction. */
@Injectable()
export class InteractionSignIn {
  constructor(
    private readonly signIns: SignInService,
    private readonly cookies: SessionCookies,
    private readonly devices: KnownDevices,
    private readonly authorizations: Authorizations,
  ) {}

  /** Opens a new session of the browser in place of the former one, so that nobody can have planted it. */
  async signIn(request: InteractionRequest, reply: FastifyReply): Promise<AuthorizationOutcome> {
    const replaced = this.cookies.sessionsToReplace(request);
    const cause = changeContextOf(request);
    const { claim, facts } = await this.signIns.replace(replaced, request.user, deviceOf(request), cause);
    this.cookies.setCookie(reply, claim, facts);
    const account = canonicalEmail(request.credentials.email)!;
    if (!request.knownDevice) this.devices.remember(reply, account, request.user.id);
    const { userId, email, authentication } = facts;
    const session = { id: claim.sessionId, userId, email, signedInAt: authentication.at };
    return this.authorizations.proceed(request.interaction, session);
  }
}
