import type { Principal } from '../../common/principal.js';
import { isUuid } from '../../common/uuid.js';

/** Parts of the service that change something by themselves. */
export type SystemPart = 'start' | 'jobs' | 'command_line';

/** The actor that causes a change: a user, a client, the service itself, or a caller who is not authenticated yet. */
export type ChangeActor =
  | { readonly kind: 'user' | 'client'; readonly id: string }
  | { readonly kind: 'system'; readonly id: SystemPart }
  | { readonly kind: 'anonymous'; readonly id: null };

/** The identity of an authenticated caller. */
interface Caller {
  readonly actor: ChangeActor;
  /** The subject for whom the actor acts (`act`, RFC 8693 4.1); null where it acts for itself. */
  readonly onBehalfOf: string | null;
  /** The client that the actor's access token was issued to (`client_id`); null without a token. */
  readonly client: string | null;
  /** The session of that token (`sid`); null where it has none. */
  readonly session: string | null;
}

/** The origin of a request, and its result. */
interface Origin {
  readonly address: string | null;
  readonly requestId: string | null;
  /** Shared by all contexts of one request. */
  readonly receipt: { revocationSeq: number | null };
}

const withoutToken = (actor: ChangeActor): Caller => ({ actor, onBehalfOf: null, client: null, session: null });

/** Ids of users are UUIDs, and those of clients are not. */
const actorOf = (id: string): ChangeActor => ({ kind: isUuid(id) ? 'user' : 'client', id });

const callerOf = ({ subject, actor, client, session }: Principal): Caller => ({
  actor: actorOf(actor?.subject ?? subject),
  onBehalfOf: actor === null ? null : subject,
  client,
  session,
});

/**
 * The cause of a change: actor, address, request. Controllers pass it to all services that write, and events carry it
 * on.
 */
export class ChangeContext implements Caller {
  readonly actor: ChangeActor;
  readonly onBehalfOf: string | null;
  readonly client: string | null;
  readonly session: string | null;

  private constructor(
    caller: Caller,
    private readonly origin: Origin,
  ) {
    this.actor = caller.actor;
    this.onBehalfOf = caller.onBehalfOf;
    this.client = caller.client;
    this.session = caller.session;
  }

  /** `principal`: null where the caller is not authenticated, or not yet. */
  static ofRequest(principal: Principal | null, address: string, requestId: string): ChangeContext {
    const caller = principal === null ? withoutToken({ kind: 'anonymous', id: null }) : callerOf(principal);
    return new ChangeContext(caller, { address, requestId, receipt: { revocationSeq: null } });
  }

  static ofSystem(part: SystemPart): ChangeContext {
    const origin = { address: null, requestId: null, receipt: { revocationSeq: null } };
    return new ChangeContext(withoutToken({ kind: 'system', id: part }), origin);
  }

  /** The client's address as `clientAddressOf` writes it; null where there is no request. */
  get address(): string | null {
    return this.origin.address;
  }

  /** The id that the request has in the log and in problems; null where there is no request. */
  get requestId(): string | null {
    return this.origin.requestId;
  }

  /** The number of the last entry of the revocation log that was committed by this cause; null where there is none. */
  get revocationSeq(): number | null {
    return this.origin.receipt.revocationSeq;
  }

  noteRevocation(seq: number): void {
    this.origin.receipt.revocationSeq = seq;
  }

  /** Returns the context of the same request after its caller was identified as this user or client. */
  by(actor: ChangeActor): ChangeContext {
    return new ChangeContext(withoutToken(actor), this.origin);
  }

  /** Returns the context of the same request after its caller has shown the token of this principal. */
  byPrincipal(principal: Principal): ChangeContext {
    return new ChangeContext(callerOf(principal), this.origin);
  }
}
