import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const HOOK_SECRET = 'what-the-old-system-knows-us-by-0123456789';

export interface HookRequest {
  email: string;
  password: string;
}

interface Answer {
  status?: number;
  body: string;
  headers?: Record<string, string>;
}

/** A system that users come from. It knows their passwords, and a hook tells whether one is right. */
export class OldSystem {
  readonly passwords = new Map<string, string>();
  readonly requests: HookRequest[] = [];
  /** Answers instead of the truth. */
  answer: ((request: HookRequest) => Answer | Promise<Answer>) | null = null;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OldSystem> {
    const server = createServer();
    const system = new OldSystem(server);
    server.on('request', (request, response) => {
      void (async () => {
        let text = '';
        for await (const chunk of request) text += String(chunk);
        const { status = 200, body, headers } = await system.answerTo(request.headers.authorization, text);
        response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body);
      })();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return system;
  }

  get settings() {
    const { port } = this.server.address() as AddressInfo;
    return { PASSWORD_HOOK_URL: `http://127.0.0.1:${port}/check`, PASSWORD_HOOK_SECRET: HOOK_SECRET };
  }

  /** The requests with an invented address, which belongs to nobody. */
  get strangers(): HookRequest[] {
    return this.requests.filter(({ email }) => /^[0-9a-f]{18}@nobody\.invalid$/.test(email));
  }

  forget(): void {
    this.requests.length = 0;
    this.answer = null;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }

  private async answerTo(authorization: string | undefined, text: string): Promise<Answer> {
    if (authorization !== `Bearer ${HOOK_SECRET}`) return { status: 401, body: '{}' };
    const request = JSON.parse(text) as HookRequest;
    this.requests.push(request);
    if (this.answer) return this.answer(request);
    return { body: JSON.stringify({ valid: this.passwords.get(request.email) === request.password }) };
  }
}
