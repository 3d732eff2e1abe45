import type { TokenResponse } from '../../../src/sessions/token.view.js';
import { postRaw, sendRaw, type RawAnswer } from '../../attacks/raw-http.js';
import { Browser } from '../../support/browser.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { freePort } from '../../system/support/free-port.js';
import { PASSWORD, Scene, type Service } from '../../system/support/service.js';
import type { GatewayProcess, Ports } from './gateway-process.js';
import { Upstream, type Arrival } from './upstream.js';

/** What browsers and tokens know Countersign by: the name of its cookie is that of production. */
export const PUBLIC_URL = 'https://auth.example.com';

const USER = 'möwe+1@example.com';
const ADMIN = 'admin@example.com';

interface Person {
  token: string;
  /** What a service behind the gateway must hear of them. */
  identity: Record<string, string>;
}

export type StartGateway = (ports: Ports, countersign: Service) => Promise<GatewayProcess>;

/** How a gateway is asked, and how it asks Countersign. */
export interface SceneOptions {
  asksBy?: 'http' | 'grpc';
  /** The host of a path, where areas differ by host. */
  hostOf?: (path: string) => string;
}

/** An answer, and what reached the service because of the request. */
export interface Outcome extends RawAnswer {
  arrivals: Arrival[];
}

/** Countersign, a gateway that asks it, and a service behind the gateway. */
export class GatewayScene {
  private constructor(
    private readonly scene: Scene,
    readonly countersign: Service,
    /** Between the gateway and Countersign, to be cut. */
    readonly line: TcpProxy,
    private readonly gateway: GatewayProcess,
    private readonly upstream: Upstream,
    readonly user: Person,
    readonly admin: Person,
    private readonly hostOf: (path: string) => string,
  ) {}

  static async start(startGateway: StartGateway, options: SceneOptions = {}): Promise<GatewayScene> {
    const scene = new Scene();
    try {
      return await GatewayScene.startIn(scene, startGateway, options);
    } catch (error) {
      await scene.clear();
      throw error;
    }
  }

  private static async startIn(
    scene: Scene,
    startGateway: StartGateway,
    { asksBy = 'http', hostOf = () => 'localhost' }: SceneOptions,
  ): Promise<GatewayScene> {
    const extAuthz = await freePort();
    const countersign = await scene.start({
      PUBLIC_URL,
      PERSONAL_TOKEN_SCOPES: 'orders:read',
      TRUSTED_PROXIES: '127.0.0.1/32',
      ...(asksBy === 'grpc' && { EXT_AUTHZ_PORT: String(extAuthz) }),
      ADMIN_EMAIL: ADMIN,
      ADMIN_PASSWORD: PASSWORD,
    });
    await countersign.http.post('/auth/register', { email: USER, password: PASSWORD });
    const [user, admin] = [await signIn(countersign, USER), await signIn(countersign, ADMIN)];
    const upstream = await Upstream.start();
    const line = await TcpProxy.start(asksBy === 'grpc' ? `http://127.0.0.1:${extAuthz}` : countersign.url);
    const port = Number(new URL(line.url).port);
    const ports = { countersign: port, extAuthz: port, service: upstream.port };
    const gateway = await startGateway(ports, countersign);
    return new GatewayScene(scene, countersign, line, gateway, upstream, user, admin, hostOf);
  }

  /** Asks the gateway for a path, exactly as it is written. */
  ask(path: string, { method = 'GET', token, headers = [] }: Asking = {}): Promise<Outcome> {
    const bearer = token ? [`Authorization: Bearer ${token}`] : [];
    const start = [`${method} ${path} HTTP/1.1`, `Host: ${this.hostOf(path)}`, 'Connection: close'];
    return this.watch(sendRaw(this.gateway.url, [...start, ...bearer, ...headers]));
  }

  /** Posts a body through the gateway. */
  post(path: string, body: string, headers: string[]): Promise<Outcome> {
    return this.watch(postRaw(this.gateway.url, path, body, headers));
  }

  /** Asks the gateway for a WebSocket (RFC 6455 4.1). */
  upgrade(headers: string[]): Promise<Outcome> {
    const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    return this.watch(
      sendRaw(this.gateway.url, ['GET /orders/live HTTP/1.1', 'Host: localhost', ...handshake, key, ...headers]),
    );
  }

  /** Waits for an answer of the gateway, and says what reached the service meanwhile. */
  async watch(answer: Promise<RawAnswer>): Promise<Outcome> {
    const before = this.upstream.arrivals.length;
    const raw = await answer;
    return { ...raw, arrivals: this.upstream.arrivals.slice(before) };
  }

  get url(): string {
    return this.gateway.url;
  }

  async signOut(token: string): Promise<void> {
    await this.countersign.http.post('/auth/logout', undefined, { token });
  }

  /** A further session of the user. */
  signInAgain(): Promise<Person> {
    return signIn(this.countersign, USER);
  }

  /** A browser of the user or of the administrator, that has signed in. */
  async browser(who: 'user' | 'admin' = 'user'): Promise<Browser> {
    const browser = new Browser(this.countersign.http);
    await browser.signIn(who === 'user' ? USER : ADMIN, PASSWORD);
    return browser;
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.line.stop();
    await this.upstream.stop();
    await this.scene.clear();
  }
}

export interface Asking {
  method?: string;
  token?: string;
  headers?: string[];
}

async function signIn(countersign: Service, email: string): Promise<Person> {
  const { body } = await countersign.http.post<TokenResponse>('/auth/login', { email, password: PASSWORD });
  const token = body.access_token;
  const me = await countersign.http.get<{ sub: string; sid: string; roles: string[] }>('/auth/me', { token });
  const { sub, sid, roles } = me.body;
  const identity = {
    'x-auth-subject': sub,
    'x-auth-session': sid,
    'x-auth-client': 'web',
    'x-auth-roles': roles.join(','),
    'x-auth-email': encodeURIComponent(email).replace('%40', '@'),
  };
  return { token, identity };
}
