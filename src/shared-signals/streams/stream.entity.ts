import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AsymmetricAlgorithm } from '../../keys/signing-key.entity.js';

export const STREAM_STATUSES = ['enabled', 'paused', 'disabled'] as const;
/** `paused` holds events back, `disabled` has none (SSF 1.0 section 8.1.2). */
export type StreamStatus = (typeof STREAM_STATUSES)[number];

/** A stream of events to one receiver (SSF 1.0 section 8.1.1). */
@Entity('signal_streams')
export class SignalStream {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  /** The service account that manages it; null where administrators do. */
  @Column({ type: 'text', name: 'client_id', nullable: true })
  clientId: string | null;

  @Column({ type: 'text' })
  audience: string;

  @Column({ type: 'text' })
  method: 'push' | 'poll';

  @Column({ type: 'text', name: 'endpoint_url', nullable: true })
  endpointUrl: string | null;

  /**
   * The `Authorization` header for the receiver, sealed with a key derived from `SECRET_KEY`; the id is the associated
   * data.
   */
  @Column({ type: 'bytea', name: 'authorization_header', nullable: true })
  authorizationHeader: Buffer | null;

  /** SHA-256 of the secret with which the receiver polls. */
  @Column({ type: 'bytea', name: 'poll_secret_hash', nullable: true })
  pollSecretHash: Buffer | null;

  /** The signing algorithm of its events; null for that of access tokens. */
  @Column({ type: 'text', name: 'signing_alg', nullable: true })
  signingAlg: 'RS256' | null;

  @Column({ type: 'text', array: true, name: 'events_requested' })
  eventsRequested: string[];

  @Column({ type: 'text', nullable: true })
  description: string | null;

  @Column({ type: 'text' })
  status: StreamStatus;

  /** The reason for the status. */
  @Column({ type: 'text', nullable: true })
  reason: string | null;

  /** No push begins before then, by the clock of the database. */
  @Column({ type: 'timestamptz', name: 'next_push_at' })
  nextPushAt: Date;

  /** The number of the latest lease; see `platform/outbox/receiver-leases.ts`. */
  @Column({ type: 'bigint' })
  attempts: string;

  @Column({ type: 'timestamptz', name: 'leased_until', nullable: true })
  leasedUntil: Date | null;

  /** In a row. */
  @Column({ type: 'integer' })
  failures: number;

  @Column({ type: 'timestamptz', name: 'failing_since', nullable: true })
  failingSince: Date | null;

  /** The number of events that were dropped, because they were too many or too old. */
  @Column({ type: 'bigint' })
  dropped: string;

  @Column({ type: 'timestamptz', name: 'verification_requested_at', nullable: true })
  verificationRequestedAt: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;
}

/**
 * Returns the signing algorithm of a stream's events. HS256 is impossible, because a receiver that can verify it could
 * also sign.
 */
export const signingAlgOf = (
  { signingAlg }: Pick<SignalStream, 'signingAlg'>,
  ofTokens: AsymmetricAlgorithm | 'HS256',
): AsymmetricAlgorithm => signingAlg ?? (ofTokens === 'ES256' ? 'ES256' : 'RS256');
