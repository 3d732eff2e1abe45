import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';

/** A Security Event Token whose signature, type, issuer and audience are right. */
export interface ReceivedSet extends JWTPayload {
  jti: string;
  sub_id: Record<string, unknown>;
  events: Record<string, Record<string, unknown>>;
}

type Answer = (response: ServerResponse) => void;
export const accept: Answer = (response) => void response.writeHead(202).end();
export const busy: Answer = (response) => void response.writeHead(503).end();

/** Makes a verifier of sets that uses the JWKS, like a receiver. */
export function setVerifier(baseUrl: string, audience: () => string) {
  const jwks = createRemoteJWKSet(new URL(`${baseUrl}/.well-known/jwks.json`), { cooldownDuration: 0 });
  return async (token: string): Promise<ReceivedSet> => {
    const { payload } = await jwtVerify<ReceivedSet>(token, jwks, {
      typ: 'secevent+jwt',
      issuer: 'http://localhost:3000',
      audience: audience(),
      requiredClaims: ['jti', 'iat', 'txn', 'sub_id', 'events'],
    });
    return payload;
  };
}

/** Receives pushed events (RFC 8935) on a free port of the loopback. */
export class SignalReceiver {
  /** The accepted sets. */
  readonly received: ReceivedSet[] = [];
  readonly requests: { headers: IncomingHttpHeaders; body: string; method: string; url: string }[] = [];
  /** The errors of requests that it could not read. */
  readonly faults: unknown[] = [];
  answer: Answer = accept;

  private constructor(
    private readonly server: Server,
    private readonly verify: (token: string) => Promise<ReceivedSet>,
  ) {}

  static async start(verify: (token: string) => Promise<ReceivedSet>): Promise<SignalReceiver> {
    const server = createServer();
    const receiver = new SignalReceiver(server, verify);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { headers, method, url } = request;
        receiver.requests.push({ headers, body, method: method!, url: url! });
        void receiver.take(body, response);
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/events`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }

  private async take(body: string, response: ServerResponse): Promise<void> {
    const { answer } = this;
    try {
      const set = await this.verify(body);
      response.once('finish', () => {
        if (response.statusCode === 202) this.received.push(set);
      });
    } catch (fault) {
      this.faults.push(fault);
    }
    answer(response);
  }
}
