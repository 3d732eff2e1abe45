import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { deriveKey, open, randomId, seal } from '../../common/crypto.js';
import { AppError, invalidField } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { SsrfSafeHttpClient } from '../../platform/http-client/ssrf-safe-http-client.js';
import type { SignalStream } from '../streams/stream.entity.js';

/** SSF 1.0 section 6.1. */
export const DELIVERY_METHODS = { push: 'urn:ietf:rfc:8935', poll: 'urn:ietf:rfc:8936' } as const;

/** The delivery of events to a receiver. */
export interface Delivery {
  method: (typeof DELIVERY_METHODS)[keyof typeof DELIVERY_METHODS];
  endpointUrl?: string | null | undefined;
  /** Null for none; undefined where the request does not state it. */
  authorizationHeader?: string | null | undefined;
}

type DeliveryColumns = Pick<SignalStream, 'method' | 'endpointUrl' | 'authorizationHeader' | 'pollSecretHash'>;

const POLL_SECRET_PREFIX = 'css_';

/** Tells whether a text may be the secret of a stream. No access token begins like it. */
export const looksLikePollSecret = (text: string): boolean => text.startsWith(POLL_SECRET_PREFIX);

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Converts deliveries to columns of a stream. Secrets are sealed, or hashed where we need not read them. */
@Injectable()
export class DeliveryService {
  private readonly sealingKey: KeyObject;

  constructor(
    config: Config,
    private readonly http: SsrfSafeHttpClient,
  ) {
    this.sealingKey = deriveKey(config.secretKey, 'shared-signals');
  }

  /**
   * Returns the columns of a delivery, and the secret of a receiver that polls, which is not stored readably. Throws
   * `invalid_request`.
   */
  columnsOf(streamId: string, delivery: Delivery): { columns: DeliveryColumns; pollSecret: string | null } {
    const { method, endpointUrl, authorizationHeader } = delivery;
    if (method === DELIVERY_METHODS.poll) {
      if (authorizationHeader) throw fault('authorization_header', 'is for push alone');
      const pollSecret = `${POLL_SECRET_PREFIX}${randomId(32)}`;
      const columns = { endpointUrl: null, authorizationHeader: null, pollSecretHash: sha256(pollSecret) };
      return { columns: { method: 'poll', ...columns }, pollSecret };
    }
    const wrong = this.http.validateTarget(endpointUrl ?? '');
    if (wrong) throw fault('endpoint_url', wrong);
    const sealed = authorizationHeader ? seal(this.sealingKey, Buffer.from(authorizationHeader), streamId) : null;
    const columns = { endpointUrl: endpointUrl!, authorizationHeader: sealed, pollSecretHash: null };
    return { columns: { method: 'push', ...columns }, pollSecret: null };
  }

  /** Tells whether a delivery equals that of a stream as the API shows it, without its secret. */
  isThatOf(stream: SignalStream, { method, endpointUrl, authorizationHeader }: Delivery): boolean {
    if (method !== DELIVERY_METHODS[stream.method] || authorizationHeader === null) return false;
    if (stream.method === 'poll') {
      const secret = authorizationHeader?.replace(/^Bearer /, '');
      return secret === undefined || this.isPollSecret(secret, stream);
    }
    if (endpointUrl !== stream.endpointUrl) return false;
    return authorizationHeader === undefined || authorizationHeader === this.authorizationOf(stream);
  }

  /** Returns the `Authorization` header for the receiver of a stream. */
  authorizationOf({ id, authorizationHeader }: Pick<SignalStream, 'id' | 'authorizationHeader'>): string | null {
    return authorizationHeader && open(this.sealingKey, authorizationHeader, id).toString();
  }

  isPollSecret(secret: string, stream: Pick<SignalStream, 'pollSecretHash'>): boolean {
    return stream.pollSecretHash !== null && timingSafeEqual(sha256(secret), stream.pollSecretHash);
  }
}

const fault = (member: string, message: string): AppError =>
  invalidField(`delivery/${member}`, member, `${member} ${message}`);
