import { Injectable } from '@nestjs/common';
import { SsrfSafeHttpClient, type HttpAnswer } from '../../platform/http-client/ssrf-safe-http-client.js';

const MAX_BYTES = 64 * 1024;
/**
 * The time for the discovery, in milliseconds. It is shorter than an answer may take (`platform/http/answer-limit.ts`),
 * so that the caller learns which field is at fault.
 */
const DEADLINE_MS = 2_000;

/** Finds the keys of issuers in the metadata that they publish. */
@Injectable()
export class IssuerDiscovery {
  constructor(private readonly http: SsrfSafeHttpClient) {}

  /**
   * Returns the URL at which an issuer publishes its keys (OpenID Connect Discovery 1.0 section 4); null where its
   * metadata has none that can be used.
   */
  async jwksUriOf(issuer: string): Promise<string | null> {
    if (this.http.validateTarget(issuer)) return null;
    const metadata = await this.fetchMetadata(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    // Section 4.3: a document that names another issuer does not describe this one.
    if (metadata?.['issuer'] !== issuer || typeof metadata['jwks_uri'] !== 'string') return null;
    return metadata['jwks_uri'];
  }

  private async fetchMetadata(url: string): Promise<Record<string, unknown> | null> {
    let answer: HttpAnswer;
    try {
      answer = await this.http.get(url, { Accept: 'application/json' }, MAX_BYTES, AbortSignal.timeout(DEADLINE_MS));
      if (answer.status !== 200) return null;
      return JSON.parse(answer.body) as Record<string, unknown> | null;
    } catch {
      return null;
    }
  }
}
