import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { signJws } from '../../jose/jws.js';
import { KeyRing } from '../../keys/key-ring.js';
import { Config } from '../../platform/config/config.js';

/** OpenID Connect Back-Channel Logout 1.0 2.4: the type prevents its use as another token. */
const TYPE = 'logout+jwt';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Seconds. It is signed when it is sent. */
const LIFETIME = 120;

/** Signs logout tokens. */
@Injectable()
export class LogoutTokens {
  constructor(
    private readonly config: Config,
    private readonly ring: KeyRing,
    private readonly clock: Clock,
  ) {}

  /** `id`: the same at every attempt, so that the application recognises a token that it has already. */
  sign({ id, client, session, user }: Record<'id' | 'client' | 'session' | 'user', string>): string {
    const iat = this.clock.seconds();
    const claims = {
      iss: this.config.publicUrl,
      aud: client,
      iat,
      exp: iat + LIFETIME,
      jti: id,
      sub: user,
      sid: session,
      events: { [EVENT]: {} },
    };
    return signJws(TYPE, JSON.stringify(claims), this.ring.signer);
  }
}
