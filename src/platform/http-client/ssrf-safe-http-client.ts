import { lookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { isPublicAddress } from './public-address.js';

const TIMEOUT_MS = 10_000;
/** What is read of an answer to what we say; nobody who answers us has more to say. */
const MAX_ANSWER_BYTES = 16 * 1024;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface HttpAnswer {
  status: number;
  contentType: string;
  /** The beginning of the body, as much of it as the caller wants to read. */
  body: string;
}

interface OutboundRequest {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  /** Bytes that are read of the answer. */
  limit: number;
}

/** Why a URL is not asked. */
class ForbiddenTarget extends Error {}

/**
 * Speaks to servers whose address somebody else has chosen. In production it speaks https, with public addresses alone,
 * and to the very address that it has judged. It follows no redirect, and waits 10 s for the whole answer.
 */
@Injectable()
export class SsrfSafeHttpClient {
  constructor(private readonly config: Config) {}

  /** What is wrong with a URL as a target, in words; null where it may be asked, if its name leads to a public address. */
  validateTarget(text: string): string | null {
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol)) return 'must be an https URL';
    if (url.username || url.password || url.hash) return 'must be a URL without credentials and fragment';
    const isLocal = !this.config.production && LOOPBACK.test(url.hostname);
    if (url.protocol === 'http:' && !isLocal) return 'must be an https URL';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.mayReach(host)) return 'must lead to a public address';
    return null;
  }

  /** The answer's first 16 kB. Rejects with {@link ForbiddenTarget}, or whatever the network has to say. */
  post(text: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    const length = String(Buffer.byteLength(body));
    return this.send(
      text,
      { method: 'POST', headers: { ...headers, 'Content-Length': length }, body, limit: MAX_ANSWER_BYTES },
      signal,
    );
  }

  /** The answer's first `limit` bytes. Rejects as {@link post} does. */
  get(text: string, headers: Record<string, string>, limit: number, signal: AbortSignal): Promise<HttpAnswer> {
    return this.send(text, { method: 'GET', headers, limit }, signal);
  }

  private async send(
    text: string,
    { method, headers, body, limit }: OutboundRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const fault = this.validateTarget(text);
    if (fault) throw new ForbiddenTarget(`The URL ${fault}`);
    const url = new URL(text);
    const options: RequestOptions = {
      method,
      headers: { ...headers, 'User-Agent': 'Countersign' },
      // One connection a request: none is left over that was judged for another name.
      agent: false,
      lookup: this.lookupPublic,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(url, options, (answer) => void readAnswer(answer, limit).then(resolve, reject));
      request.on('error', reject).end(body);
    });
  }

  private mayReach(address: string): boolean {
    return !this.config.production || isPublicAddress(address);
  }

  // The socket connects to what this returns, so a name cannot lead elsewhere after it was judged.
  private readonly lookupPublic: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const forbidden = addresses?.some(({ address }) => !this.mayReach(address));
      const failure = error ?? (forbidden ? new ForbiddenTarget('The URL must lead to a public address') : null);
      if (failure) return callback(failure, '', 0);
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
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
