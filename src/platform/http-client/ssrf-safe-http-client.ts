import { lookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { isLinkLocal, isPublicAddress } from './public-address.js';

const TIMEOUT_MS = 10_000;
/** The bytes that are read of an answer to a POST request. No answer that we need is longer. */
const MAX_ANSWER_BYTES = 16 * 1024;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface HttpAnswer {
  status: number;
  contentType: string;
  /** The beginning of the body, as much of it as the caller wants to read. */
  body: string;
}

/**
 * How far a request may go in production: to public addresses, where another party has chosen the URL, or to private ones as
 * well, where the operator has.
 */
type Reach = 'public' | 'private';

interface OutboundRequest {
  reach: Reach;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  /** The number of bytes that are read of the answer. */
  limit: number;
}

/** The reason why no request is sent to a URL. */
class ForbiddenTarget extends Error {}

/**
 * Sends requests to servers whose address another party has chosen. In production it uses https and only public
 * addresses, and connects to the same address that it has checked. It follows no redirect, and waits 10 s for the whole
 * answer.
 */
@Injectable()
export class SsrfSafeHttpClient {
  constructor(private readonly config: Config) {}

  /**
   * Returns the fault of a URL as a target; null where a request may be sent, provided that its name leads to a public
   * address.
   */
  validateTarget(text: string, reach: Reach = 'public'): string | null {
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol)) return 'must be an https URL';
    if (url.username || url.password || url.hash) return 'must be a URL without credentials and fragment';
    const isLocal = !this.config.production && LOOPBACK.test(url.hostname);
    if (url.protocol === 'http:' && !isLocal) return 'must be an https URL';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.mayReach(host, reach)) return 'must lead to a public address';
    return null;
  }

  /** Returns the first 16 kB of the answer. Rejects with {@link ForbiddenTarget}, or with the error of the network. */
  post(
    text: string,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
    reach: Reach = 'public',
  ): Promise<HttpAnswer> {
    const length = String(Buffer.byteLength(body));
    return this.send(
      text,
      { method: 'POST', headers: { ...headers, 'Content-Length': length }, body, limit: MAX_ANSWER_BYTES, reach },
      signal,
    );
  }

  /** Returns the first `limit` bytes of the answer. Rejects as {@link post} does. */
  get(text: string, headers: Record<string, string>, limit: number, signal: AbortSignal): Promise<HttpAnswer> {
    return this.send(text, { method: 'GET', headers, limit, reach: 'public' }, signal);
  }

  private async send(
    text: string,
    { method, headers, body, limit, reach }: OutboundRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const fault = this.validateTarget(text, reach);
    if (fault) throw new ForbiddenTarget(`The URL ${fault}`);
    const url = new URL(text);
    const options: RequestOptions = {
      method,
      headers: { ...headers, 'User-Agent': 'Countersign' },
      // Each request has its own connection, so that none is reused that was checked for another name.
      agent: false,
      lookup: this.lookupWithin(reach),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(url, options, (answer) => void readAnswer(answer, limit).then(resolve, reject));
      request.on('error', reject).end(body);
    });
  }

  private mayReach(address: string, reach: Reach): boolean {
    // Clouds give out credentials of the machine at a link-local address.
    return !this.config.production || isPublicAddress(address) || (reach === 'private' && !isLinkLocal(address));
  }

  // The socket connects to the address that this returns, so a name cannot lead elsewhere after the check.
  private lookupWithin(reach: Reach): LookupFunction {
    return (hostname, options, callback) => {
      lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        const forbidden = addresses?.some(({ address }) => !this.mayReach(address, reach));
        const failure = error ?? (forbidden ? new ForbiddenTarget(`The URL must lead to a ${reach} address`) : null);
        if (failure) return callback(failure, '', 0);
        if (options.all) return callback(null, addresses);
        callback(null, addresses[0]!.address, addresses[0]!.family);
      });
    };
  }
}

async function readAnswer(answer: IncomingMessage, limit: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop destroys the connection.
    if (size >= limit) break;
  }
  const body = Buffer.concat(chunks).subarray(0, limit).toString();
  return { status: answer.statusCode ?? 0, contentType: answer.headers['content-type'] ?? '', body };
}
