import { fileURLToPath } from 'node:url';
import { Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { CheckRequest, CheckResponse } from '../../src/gateway/ext-authz/check.js';

const PROTO = fileURLToPath(new URL('../../src/gateway/ext-authz/ext-authz.proto', import.meta.url));
const SERVICE = 'envoy.service.auth.v3.Authorization';

/** A verdict in the terms of Envoy. */
export interface Verdict {
  allowed: boolean;
  /** The status of the answer to the client where its request is refused. */
  status: number;
  /** The headers of the admitted request, or of the answer to the client; names are in lower case. */
  headers: Record<string, string>;
  headersToRemove: string[];
  body: Record<string, unknown>;
  raw: CheckResponse;
}

export interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  token?: string | undefined;
  address?: string;
}

/** Asks for verdicts by gRPC, as Envoy does. */
export class ExtAuthzClient {
  private readonly client: Client;

  constructor(port: number) {
    const { Authorization } = (
      loadPackageDefinition(loadSync(PROTO)) as unknown as {
        envoy: { service: { auth: { v3: { Authorization: ServiceClientConstructor } } } };
      }
    ).envoy.service.auth.v3;
    this.client = new Authorization(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  /** Asks for the verdict on a client's request, with the requirements of the route's configuration. */
  async ask(
    { method = 'GET', path = '/orders', headers = {}, token, address }: Asked = {},
    question: Record<string, string> = {},
  ) {
    const all = { ...headers, ...(token && { authorization: `Bearer ${token}` }) };
    const http = { method, path, host: 'shop.example.com', scheme: 'https', headers: all };
    const source = address === undefined ? {} : { address: { socketAddress: { address } } };
    return verdictIn(await this.check({ attributes: { source, request: { http }, contextExtensions: question } }));
  }

  /** Sends a check. Rejects with the error of gRPC. */
  check(request: CheckRequest): Promise<CheckResponse> {
    const { Check } = this.client as unknown as {
      Check: (request: CheckRequest, answer: (error: Error | null, response: CheckResponse) => void) => void;
    };
    return new Promise((resolve, reject) =>
      Check.call(this.client, request, (error, response) => (error ? reject(error) : resolve(response))),
    );
  }

  /** Sends bytes in place of a check. */
  checkBytes(bytes: Buffer): Promise<CheckResponse> {
    const { path, responseDeserialize } = (
      loadSync(PROTO)[SERVICE] as Record<string, { path: string; responseDeserialize: (bytes: Buffer) => object }>
    )['Check']!;
    return new Promise((resolve, reject) =>
      this.client.makeUnaryRequest(
        path,
        (value: Buffer) => value,
        responseDeserialize,
        bytes,
        (error, response) => (error ? reject(error) : resolve(response as CheckResponse)),
      ),
    );
  }

  close(): void {
    this.client.close();
  }
}

function verdictIn(raw: CheckResponse): Verdict {
  const { status, okResponse, deniedResponse } = raw;
  const allowed = (status.code ?? 0) === 0;
  const sent = (allowed ? okResponse : deniedResponse)?.headers ?? [];
  return {
    allowed,
    // 403 is Envoy's own answer where there is none.
    status: allowed ? 200 : (deniedResponse?.status.code ?? 403),
    headers: Object.fromEntries(sent.map(({ header }) => [header.key.toLowerCase(), header.value ?? ''])),
    headersToRemove: okResponse?.headersToRemove ?? [],
    body: deniedResponse?.body ? (JSON.parse(deniedResponse.body) as Record<string, unknown>) : {},
    raw,
  };
}
