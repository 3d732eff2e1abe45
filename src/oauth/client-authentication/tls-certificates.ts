import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/config.js';
import { trustedPeers } from '../../platform/http/trusted-peer.js';

/** What nginx says of a certificate that it has verified. */
const VERIFIED = 'SUCCESS';

/** Certificates of clients, as the proxy that terminates TLS tells of them (RFC 8705 2.1). */
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

  /** The subject of the certificate that the client has shown; null where there is none, or nobody to be believed says so. */
  subjectOf(request: FastifyRequest): string | null {
    if (this.subjectHeader === null || !this.isTrusted(request)) return null;
    const { headersDistinct } = request.raw;
    const [subject, ...otherSubjects] = headersDistinct[this.subjectHeader] ?? [];
    const [verification, ...otherVerifications] = headersDistinct[this.verificationHeader] ?? [];
    // Where one is there twice, the client has smuggled the other past the proxy.
    if (otherSubjects.length > 0 || otherVerifications.length > 0) return null;
    return verification === VERIFIED && subject ? subject : null;
  }
}
