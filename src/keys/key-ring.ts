import { createHash, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { reasonOf } from '../common/refusal-reason.js';
import { encodedHeaderOf, jsonObjectOf, type JwsSigner } from '../jose/jws.js';
import type { SigningAlgorithm } from '../jose/signature.js';
import { Config } from '../platform/config/config.js';
import { entityTagOf } from '../platform/http/routes/representation.js';
import { KeyStore } from './key-store.js';
import { EventSigningKey, SigningKey } from './signing-key.entity.js';

/**
 * A parsed key for the hot path, with the one JOSE header that it mints. It stays the same object while the key is
 * valid.
 */
export interface RingKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  /** The first segment of all tokens of the key. */
  readonly encodedHeader: string;
  readonly verificationKey: KeyObject;
}

/** A key that signs now, with its private part. */
export interface Signer extends JwsSigner {
  readonly key: RingKey;
}

interface ParsedKey {
  readonly key: RingKey;
  readonly signingKey: KeyObject | null;
}

export interface Jwks {
  readonly body: { keys: JsonWebKey[] };
  readonly etag: string;
}

const HEADER = /^\{"alg":"(?:ES256|RS256)","typ":"(?<typ>[\w+]+)","kid":"[\w-]{8}"\}$/;

/** The signing keys in memory. They stay in use until a later state has been read completely. */
@Injectable()
export class KeyRing {
  private byHeader = new Map<string, RingKey>();
  private active: Signer | null = null;
  private activeForEvents: Signer | null = null;
  private document: Jwks = documentOf([]);
  private pems = new Map<string, string>();
  private rows: SigningKey[] = [];
  private eventRows: SigningKey[] = [];
  private readonly revoked = new Set<string>();
  private current: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private readonly parsed = new Map<string, ParsedKey>();

  constructor(
    private readonly config: Config,
    private readonly store: KeyStore,
  ) {}

  /** The key that signs, with its private part. Throws `unavailable` until the successor of a leaked key is known. */
  get signer(): Signer {
    if (!this.active) throw new AppError('unavailable', { retryAfterSeconds: 1 });
    return this.active;
  }

  /** The key that signs security events in RS256; null where none is known. */
  get eventSigner(): Signer | null {
    return this.config.signingAlgorithm === 'RS256' ? this.active : this.activeForEvents;
  }

  get jwks(): Jwks {
    return this.document;
  }

  /** The stored keys for access tokens; none with HS256. */
  get stored(): readonly SigningKey[] {
    return this.rows;
  }

  pem(kid: string): string | undefined {
    return this.pems.get(kid);
  }

  get algorithms(): SigningAlgorithm[] {
    return [...new Set([...this.byHeader.values()].map((key) => key.alg))];
  }

  /** Returns the key that mints exactly this header segment; there is no other way to name a key. */
  byEncodedHeader(segment: string): RingKey | undefined {
    return this.byHeader.get(segment);
  }

  /** Tells whether a key is still valid. The tokens of a key that was retired or revoked are refused. */
  holds(key: RingKey): boolean {
    return this.byHeader.get(key.encodedHeader) === key;
  }

  /** Tells whether a key of ours could have minted a header segment, so that another instance may know the key. */
  isOfOurForm(segment: string): boolean {
    return HEADER.exec(Buffer.from(segment, 'base64url').toString())?.groups?.typ === this.config.tokenType;
  }

  /** Returns for the operator's log why no key of ours mints a header segment. */
  reasonAgainst(segment: string): string {
    const { tokenType } = this.config;
    const { alg, typ, kid } = jsonObjectOf(segment) ?? {};
    if (typ !== tokenType) return reasonOf('typ', tokenType, typ);
    if (!this.algorithms.includes(alg as SigningAlgorithm)) return reasonOf('alg', this.algorithms, alg);
    const kids = [...this.byHeader.values()].map((key) => key.kid);
    if (!kids.includes(kid as string)) return reasonOf('kid', kids, kid);
    return 'header: expected alg, typ and kid as this service writes them, found another form';
  }

  /**
   * Reads the keys from the database. With HS256 the one key is a setting. Readings never overlap, so that an older one
   * cannot replace a later one: a call during a reading waits for the next reading.
   */
  reload(): Promise<void> {
    return (this.next ??= this.loadStored());
  }

  private async loadStored(): Promise<void> {
    await this.current?.catch(() => undefined);
    this.next = null;
    await (this.current = this.read());
  }

  private async read(): Promise<void> {
    const rows = this.config.signingSecret ? [] : await this.store.list(SigningKey);
    this.load(rows, await this.store.list(EventSigningKey));
  }

  /**
   * Removes keys that have leaked, at once and for good: a reading that is still under way does not bring them back.
   */
  revoke(kids: readonly string[]): void {
    for (const kid of kids) this.revoked.add(kid);
    if (this.rows.length + this.eventRows.length > 0) this.load(this.rows, this.eventRows);
  }

  private loadSecret(secret: Buffer): void {
    if (this.active) return;
    const signingKey = createSecretKey(secret);
    const kid = createHash('sha256').update('kid').update(secret).digest('base64url').slice(0, 8);
    const key = this.ringKey(kid, 'HS256', signingKey);
    this.byHeader = new Map([[key.encodedHeader, key]]);
    this.active = { key, signingKey };
  }

  private load(stored: SigningKey[], storedForEvents: SigningKey[]): void {
    const isValid = ({ kid }: SigningKey): boolean => !this.revoked.has(kid);
    this.rows = stored.filter(isValid);
    this.eventRows = storedForEvents.filter(isValid);
    const all = [...this.rows, ...this.eventRows];
    for (const kid of this.parsed.keys()) if (!all.some((row) => row.kid === kid)) this.parsed.delete(kid);
    if (this.config.signingSecret) {
      this.loadSecret(this.config.signingSecret);
    } else {
      this.byHeader = new Map(this.rows.map((row) => this.parse(row).key).map((key) => [key.encodedHeader, key]));
      this.active = this.activeOf(this.rows);
    }
    this.activeForEvents = this.activeOf(this.eventRows);
    this.pems = new Map(all.map(({ kid, publicKey }) => [kid, publicKey]));
    this.document = documentOf(all.map((row) => jwkOf(row, this.parse(row).key)));
  }

  private activeOf(rows: SigningKey[]): Signer | null {
    const row = rows.find(({ status }) => status === 'active');
    if (!row) return null;
    const { key, signingKey } = this.parse(row);
    return { key, signingKey: signingKey! };
  }

  private parse(row: SigningKey): ParsedKey {
    const known = this.parsed.get(row.kid);
    if (known && (known.signingKey || row.status !== 'active')) return known;
    const parsed = {
      key: known?.key ?? this.ringKey(row.kid, row.alg, this.store.publicKeyOf(row)),
      signingKey: row.status === 'active' ? this.store.privateKeyOf(row) : null,
    };
    this.parsed.set(row.kid, parsed);
    return parsed;
  }

  private ringKey(kid: string, alg: SigningAlgorithm, verificationKey: KeyObject): RingKey {
    return { kid, alg, encodedHeader: encodedHeaderOf(this.config.tokenType, { alg, kid }), verificationKey };
  }
}

const jwkOf = ({ kid, alg }: SigningKey, { verificationKey }: RingKey): JsonWebKey => ({
  ...verificationKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});

const documentOf = (keys: JsonWebKey[]): Jwks => ({ body: { keys }, etag: entityTagOf(JSON.stringify(keys)) });
