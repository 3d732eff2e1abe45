import { connect } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  /** 0 where the connection was closed without an answer. */
  status: number;
  /** The header, unparsed. */
  head: string;
  body: string;
  /** How many answers came. */
  answers: number;
}

/**
 * Sends bytes that no client library would send and reads until the server closes, or is silent for `quietMs` after
 * it has answered. An array is joined with CRLF and ended with an empty line.
 */
export function sendRaw(baseUrl: string, request: string[] | string | Buffer, quietMs = 300): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl);
  const bytes = Array.isArray(request) ? `${request.join('\r\n')}\r\n\r\n` : request;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    let silence: NodeJS.Timeout | undefined;
    const finish = () => {
      clearTimeout(silence);
      socket.destroy();
      resolve(parse(received));
    };
    socket.setEncoding('latin1');
    socket.setTimeout(120_000, () => {
      socket.destroy();
      reject(new Error('neither answer nor close'));
    });
    socket.on('connect', () => socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes));
    socket.on('data', (chunk) => {
      received += chunk.toString();
      clearTimeout(silence);
      silence = setTimeout(finish, quietMs);
    });
    socket.on('close', finish);
    // A server that refuses early closes while we still write.
    socket.on('error', finish);
  });
}

/** One request without a body. */
export const askRaw = (baseUrl: string, method: string, target: string, headers: string[] = []): Promise<RawAnswer> =>
  sendRaw(baseUrl, [`${method} ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers]);

/** A POST of exactly these bytes. */
export function postRaw(baseUrl: string, path: string, body: string | Buffer, headers: string[]): Promise<RawAnswer> {
  const bytes = Buffer.from(body);
  const start = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', `Content-Length: ${bytes.length}`];
  const head = Buffer.from(`${[...start, ...headers].join('\r\n')}\r\n\r\n`, 'latin1');
  return sendRaw(baseUrl, Buffer.concat([head, bytes]));
}

function parse(received: string): RawAnswer {
  const end = received.indexOf('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0),
    head: end < 0 ? received : received.slice(0, end),
    body: end < 0 ? '' : received.slice(end + 4),
    answers: received.split(/HTTP\/1\.1 [2-5]\d\d /).length - 1,
  };
}
