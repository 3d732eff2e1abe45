/** Who is asking, as a verified access token states it. */
export interface Principal {
  /** The user's id (`sub`). */
  readonly subject: string;
  /** The session that the token belongs to (`sid`). */
  readonly session: string;
  /** The client that the token was issued to (`client_id`). */
  readonly client: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly email: string | null;
  /** The token's own id (`jti`). */
  readonly tokenId: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}
