import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  loadPackageDefinition,
  Server as GrpcServer,
  ServerCredentials,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  clientRequestIn,
  deny,
  pass,
  type CheckRequest,
  type CheckResponse,
} from '../../../src/gateway/ext-authz/check.js';
import { PROTO } from '../../support/ext-authz-client.js';

/** What a gateway told of a request. */
export type Told = Record<string, string | undefined>;

/** What the stand-in makes of every credential but a JWT. */
export const TRADED = 'Bearer eyJ0cmFkZWQ.for.something';
export const STAND_IN_IDENTITY = {
  'x-auth-subject': 'alice',
  'x-auth-session': 'session',
  'x-auth-client': 'web',
  'x-auth-roles': 'user,admin',
  'x-auth-scope': 'orders:read',
  'x-auth-email': 'alice@example.com',
};

/**
 * In place of Countersign, for what only the contract with gateways is of interest of: it lets every credential pass,
 * trades whatever is not a JWT, and remembers what it was told.
 */
export class StandIn {
  readonly told: Told[] = [];
  /** Answers this to everybody, in place of a verdict. */
  status: number | null = null;

  private constructor(
    private readonly http: Server,
    private readonly grpc: GrpcServer,
    readonly grpcPort: number,
  ) {}

  static async start(): Promise<StandIn> {
    const http = createServer();
    await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
    const grpc = new GrpcServer();
    const grpcPort = await new Promise<number>((resolve, reject) =>
      grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
    const standIn = new StandIn(http, grpc, grpcPort);
    http.on('request', (request: IncomingMessage, response: ServerResponse) => standIn.answer(request, response));
    const { Authorization } = (
      loadPackageDefinition(loadSync(PROTO)) as unknown as {
        envoy: { service: { auth: { v3: { Authorization: ServiceClientConstructor } } } };
      }
    ).envoy.service.auth.v3;
    grpc.addService(Authorization.service, {
      Check: ({ request }: { request: CheckRequest }, answer: (error: null, response: CheckResponse) => void) =>
        answer(null, standIn.check(request)),
    });
    return standIn;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.grpc.forceShutdown();
    this.http.closeAllConnections();
    await new Promise((resolve) => void this.http.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { headers, method } = request;
    const { status, verdict } = this.judge({ ...(headers as Told), ':method': method });
    response.writeHead(status, verdict).end();
  }

  private check(request: CheckRequest): CheckResponse {
    const asked = clientRequestIn(request);
    const { status, verdict } = this.judge({ ...(asked.headers as Told), ':method': asked.method });
    return status === 200 ? pass(verdict, asked) : deny(status, verdict);
  }

  private judge(told: Told): { status: number; verdict: Record<string, string> } {
    this.told.push(told);
    const { authorization, cookie } = told;
    if (this.status) return { status: this.status, verdict: {} };
    if (authorization?.startsWith('Bearer eyJ')) return { status: 200, verdict: STAND_IN_IDENTITY };
    if (authorization || /(?:^|; *)__Host-countersign=[^;]/.test(cookie ?? ''))
      return { status: 200, verdict: { ...STAND_IN_IDENTITY, authorization: TRADED } };
    return { status: 401, verdict: { 'www-authenticate': 'Bearer' } };
  }
}
