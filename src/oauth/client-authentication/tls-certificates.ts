import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/config.js';
import { trustedPeers } from '../../platform/http/request/trusted-peer.js';

/** The word of nginx for a certificate that it has verified. */
const VERIFIED = 'SUCCESS';

/** Reads the certificates of clients from the headers of the proxy that terminates TLS (RFC 8705 2.1). */
@Injectable()
export class TlsCertificates {
  private readonly isTrusted: (request: FastifyRequest) => boolean;
  private readonly subjectHeader: string | null;
  private readonly verificationHeader: string;

  constructor(config: Config) {
    this.isTrusted = trustedPeers(config);
    this.subjectHeader = config.tlsClientSubjectHeader?.toLowerCase() ?? null;
    this.verificationHeader = config.tlsClientVerifyHeader.toLowerCase();
  }

  /**
   * Returns the subject of the client's certificate; null where there is none, or where it does not come from a trusted
   * proxy.
   */
  subjectOf(request: FastifyRequest): string | null {
    if (this.subjectHeader === null || !this.isTrusted(request)) return null;
    const { headersDistinct } = request.raw;
    const [subject, ...otherSubjects] = headersDistinct[this.subjectHeader] ?? [];
    const [verification, ...otherVerifications] = headersDistinct[this.verificationHeader] ?? [];
    // Where a header is there twice, the client has sent one of them past the proxy.
    if (otherSubjects.length > 0 || otherVerifications.length > 0) return null;
    return verification === VERIFIED && subject ? subject : null;
  }
}
