import { Injectable } from '@nestjs/common';
import { ClientDirectory } from '../../clients/client-directory.js';
import { isRegistered } from '../../clients/redirect-uri.js';
import { parseShortUuid } from '../../common/uuid.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { SessionTermination } from '../../sessions/session-termination.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { IdTokens } from '../../tokens/id-tokens.js';
import type { BrowserSession } from '../authorization/browser-sessions.js';
import type { EndSessionDto, ReturnDto } from './end-session.dto.js';

/** A request to sign out, after its hint has been checked. */
export interface SignOutPlan {
  /** Whether the person has to be asked, because nothing proves that the request is from an application of this browser. */
  readonly asks: boolean;
  readonly client: string | null;
  /** The address to which the person returns; null for a page of ours. */
  readonly returnTo: string | null;
}

/** Signs a person out of a browser, and with it out of all applications in it. */
@Injectable()
export class EndSession {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly idTokens: IdTokens,
    private readonly sessions: SessionsService,
    private readonly termination: SessionTermination,
  ) {}

  /** Decides what a request of an application leads to, in a browser with this session. */
  async plan(request: EndSessionDto, session: BrowserSession | null): Promise<SignOutPlan> {
    const hint = request.id_token_hint === undefined ? null : this.idTokens.hintOf(request.id_token_hint);
    const client = request.client_id ?? hint?.client ?? null;
    // A hint of another client, session or person is none: a stranger may have sent it.
    const isOfClient = hint !== null && hint.client === client;
    const child = isOfClient && hint.subject === session?.userId ? parseShortUuid(hint.session) : null;
    const isProved = child !== null && session !== null && (await this.sessions.isChildOf(child, session.id));
    return {
      asks: session !== null && !isProved,
      client,
      returnTo: await this.returnTo({ ...request, client_id: client ?? undefined }),
    };
  }

  /** Returns the address to which a person returns; null where the client has not registered it. */
  async returnTo({ client_id: id, post_logout_redirect_uri: uri, state }: ReturnDto): Promise<string | null> {
    if (id === undefined || uri === undefined) return null;
    const client = await this.clients.find(id);
    if (!client || !isRegistered(uri, client.postLogoutRedirectUris, client.applicationType)) return null;
    if (state === undefined) return uri;
    return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state }).toString()}`;
  }

  /** Ends the session of the browser with all sessions under it. */
  async end({ id, userId }: BrowserSession, cause: ChangeContext): Promise<void> {
    await this.termination.end({ id, userId }, 'logout', cause.by({ kind: 'user', id: userId }));
  }
}
