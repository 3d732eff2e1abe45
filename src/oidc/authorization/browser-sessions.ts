import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SessionCookies } from '../../auth/cookies/session-cookies.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { SessionsService } from '../../sessions/sessions.service.js';

/** The session of a browser, which is the single sign-on of all applications in it. */
export interface BrowserSession {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly signedInAt: Date;
}

/** Finds out who is signed in in a browser. */
@Injectable()
export class BrowserSessions {
  constructor(
    private readonly cookies: SessionCookies,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Returns the living session of the browser's cookie, which counts as used; null where nobody is signed in. A caller whose
   * request changes something has checked before that it comes from a page of ours.
   */
  async find(request: FastifyRequest): Promise<BrowserSession | null> {
    const [claim, second] = this.cookies.sessionsToReplace(request);
    // Nothing shows which of two cookies was planted, so neither counts.
    if (!claim || second) return null;
    const facts = await this.sessions.touch(claim, clientAddressOf(request));
    if (!facts) return null;
    return { id: claim.sessionId, userId: facts.userId, email: facts.email, signedInAt: facts.authentication.at };
  }
}
