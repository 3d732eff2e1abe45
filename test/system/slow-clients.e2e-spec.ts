import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scene, type Service } from './support/service.js';

const scene = new Scene();
let service: Service;
beforeAll(async () => {
  service = await scene.start();
});
afterAll(() => scene.clear());

/** For a service that never ends them. How long it takes is asked by test/flows/http-edges, of its limits. */
const PATIENCE_MS = 240_000;
const LOGIN = 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

/** What each attacker sends at first, and then once a second. */
const ATTACKERS: Record<string, { first: string; drip: string }> = {
  'connects and says nothing': { first: '', drip: '' },
  'sends half a request line': { first: 'GET /hea', drip: '' },
  'sends a header line a second': { first: 'GET /health/live HTTP/1.1\r\nHost: x\r\n', drip: 'X-Filler: 1\r\n' },
  'sends a letter of a header a second': { first: 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-Filler: ', drip: 'a' },
  'announces a body and sends none': { first: `${LOGIN}Content-Length: 1000\r\n\r\n`, drip: '' },
  'sends a letter of its body a second': { first: `${LOGIN}Content-Length: 1000\r\n\r\n{`, drip: ' ' },
  'sends a chunk of its body a second': { first: `${LOGIN}Transfer-Encoding: chunked\r\n\r\n`, drip: '1\r\n \r\n' },
  'sends a body to where nobody reads one': {
    first: 'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
    drip: ' ',
  },
  'answers nothing after a first good request': {
    first: 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n',
    drip: 'X-Filler: 1\r\n',
  },
};

interface Ending {
  /** By the service, before the attacker gave up. */
  disconnected: boolean;
  received: string;
}

/** What the service does about this. */
function attack({ first, drip }: { first: string; drip: string }): Promise<Ending> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve) => {
    let received = '';
    let disconnected = true;
    const socket: Socket = connect(Number(port), hostname);
    const timer = setInterval(() => drip && socket.write(drip), 1_000);
    const patience = setTimeout(() => {
      disconnected = false;
      socket.destroy();
    }, PATIENCE_MS);
    socket.write(first);
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.once('close', () => {
      clearInterval(timer);
      clearTimeout(patience);
      resolve({ disconnected, received });
    });
  });
}

describe('a client that sends slowly', () => {
  const endings = new Map<string, Ending>();
  beforeAll(async () => {
    const attacks = Object.entries(ATTACKERS).map(async ([name, attacker]) =>
      endings.set(name, await attack(attacker)),
    );
    let over = false;
    const honest = (async () => {
      while (!over) {
        expect((await service.http.get('/health/ready')).status).toBe(200);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    await Promise.race([Promise.all(attacks), honest]);
    over = true;
    await honest;
  });

  for (const name of Object.keys(ATTACKERS)) {
    it(`and ${name} is disconnected`, () => {
      expect(endings.get(name)!.disconnected).toBe(true);
    });
  }

  it('is told so with a problem', () => {
    const { received } = endings.get('sends a letter of its body a second')!;
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
    expect(received).toMatch(/content-type: application\/problem\+json/i);
    expect(received).toContain('"code":"request_timeout"');
  });
});

describe('a client that looks for what runs here', () => {
  const probes: Record<string, string> = {
    'a good request': 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'an unknown path': 'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'a refused login': `${LOGIN}Connection: close\r\nContent-Length: 2\r\n\r\n{}`,
    'an unknown method': 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n',
    'no HTTP at all': '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n',
    'a header that is too large': `GET / HTTP/1.1\r\nHost: x\r\nX-Filler: ${'a'.repeat(20_000)}\r\n\r\n`,
    'no Host': 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n',
    'an upgrade': 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
  };
  for (const [name, first] of Object.entries(probes)) {
    it(`learns nothing from ${name}`, async () => {
      const { received } = await attack({ first, drip: '' });
      expect(received).toMatch(/^HTTP\/1\.1 \d{3} /);
      expect(received).not.toMatch(/^(server|x-powered-by|via):/im);
      expect(received).not.toMatch(/fastify|nest(js)?\b|node|express|FST_ERR|HPE_/i);
    });
  }
});
