import { createHash, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import { entityTagOf } from '../platform/http/representation.js';
import { KeyStore } from './key-store.js';
import type { KeyStatus, SigningKey } from './signing-key.entity.js';

export type SigningAlgorithm = Config['signingAlgorithm'];

/** A key as the hot path needs it: parsed, with the one JOSE header that it mints. */
export interface RingKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly status: KeyStatus;
  readonly verificationKey: KeyObject;
}

export interface Jwks {
  readonly body: { keys: JsonWebKey[] };
  readonly etag: string;
}

const HEADER = /^\{"alg":"(?:ES256|RS256)","typ":"(?<typ>[\w+]+)","kid":"[\w-]{8}"\}$/;

/** The signing keys in memory. The last good state stands until a later one has been read whole. */
@Injectable()
export class KeyRing {
  private byHeader = new Map<string, RingKey>();
  private active: { key: RingKey; signingKey: KeyObject } | null = null;
  private document: Jwks = documentOf([]);
  private pems = new Map<string, string>();
  private rows: SigningKey[] = [];
  private readonly revoked = new Set<string>();
  private current: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private readonly parsed = new Map<string, { verificationKey: KeyObject; signingKey: KeyObject | null }>();

  constructor(
    private readonly config: Config,
    private readonly store: KeyStore,
  ) {}

  /** The key that signs, with its private part. Throws `unavailable` until the successor of a leaked key is known. */
  get signer(): { key: RingKey; signingKey: KeyObject } {
    if (!this.active) throw new AppError('unavailable', { retryAfterSeconds: 1 });
    return this.active;
  }

  get jwks(): Jwks {
    return this.document;
  }

  pem(kid: string): string | undefined {
    return this.pems.get(kid);
  }

  get algorithms(): SigningAlgorithm[] {
    return [...new Set([...this.byHeader.values()].map((key) => key.alg))];
  }

  /** The key that mints exactly this header segment; there is no other way to name a key. */
  byEncodedHeader(segment: string): RingKey | undefined {
    return this.byHeader.get(segment);
  }

  /** Whether a header segment is one that a key of ours could mint, so that another instance may know its key. */
  isOfOurForm(segment: string): boolean {
    return HEADER.exec(Buffer.from(segment, 'base64url').toString())?.groups?.typ === this.config.tokenType;
  }

  /**
   * Reads the keys from the database. With HS256 there is one key, and it is a setting. Readings follow each other, lest
   * an older one replace a later one: who comes during a reading waits for the next.
   */
  reload(): Promise<void> {
    return (this.next ??= this.readInTurn());
  }

  private async readInTurn(): Promise<void> {
    await this.current?.catch(() => undefined);
    this.next = null;
    await (this.current = this.read());
  }

  private async read(): Promise<void> {
    if (this.config.signingAlgorithm === 'HS256') this.loadSecret(this.config.signingSecret!);
    else this.load(await this.store.list());
  }

  /** Forgets keys that have leaked, at once and for good: no reading that is still under way brings them back. */
  revoke(kids: readonly string[]): void {
    for (const kid of kids) this.revoked.add(kid);
    if (this.rows.length > 0) this.load(this.rows);
  }

  private loadSecret(secret: Buffer): void {
    const signingKey = createSecretKey(secret);
    const kid = createHash('sha256').update('kid').update(secret).digest('base64url').slice(0, 8);
    const key: RingKey = { kid, alg: 'HS256', status: 'active', verificationKey: signingKey };
    this.byHeader = new Map([[this.encodedHeader(key), key]]);
    this.active = { key, signingKey };
  }

  private load(stored: SigningKey[]): void {
    const rows = stored.filter(({ kid }) => !this.revoked.has(kid));
    this.rows = rows;
    for (const kid of this.parsed.keys()) if (!rows.some((row) => row.kid === kid)) this.parsed.delete(kid);
    const byHeader = new Map<string, RingKey>();
    const pems = new Map<string, string>();
    const jwks: JsonWebKey[] = [];
    let active: typeof this.active = null;
    for (const row of rows) {
      const { verificationKey, signingKey } = this.parse(row);
      const key: RingKey = { kid: row.kid, alg: row.alg, status: row.status, verificationKey };
      byHeader.set(this.encodedHeader(key), key);
      pems.set(row.kid, row.publicKey);
      jwks.push({ ...verificationKey.export({ format: 'jwk' }), kid: row.kid, alg: row.alg, use: 'sig' });
      if (row.status === 'active') active = { key, signingKey: signingKey! };
    }
    this.byHeader = byHeader;
    this.pems = pems;
    this.document = documentOf(jwks);
    this.active = active;
  }

  private parse(row: SigningKey) {
    const known = this.parsed.get(row.kid);
    if (known && (known.signingKey || row.status !== 'active')) return known;
    const parsed = {
      verificationKey: this.store.publicKeyOf(row),
      signingKey: row.status === 'active' ? this.store.privateKeyOf(row) : null,
    };
    this.parsed.set(row.kid, parsed);
    return parsed;
  }

  private encodedHeader({ alg, kid }: Pick<RingKey, 'alg' | 'kid'>): string {
    return Buffer.from(JSON.stringify({ alg, typ: this.config.tokenType, kid })).toString('base64url');
  }
}

const documentOf = (keys: JsonWebKey[]): Jwks => ({ body: { keys }, etag: entityTagOf(JSON.stringify(keys)) });
