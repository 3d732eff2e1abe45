import type { Answer, Connection } from './connection.js';

/** Returns the text of a GET, with a line of its header. */
export const get = (path: string, credential: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${credential}\r\n\r\n`;

/** Returns the text of a POST of a form, as OAuth clients send it. */
export function form(path: string, parameters: Record<string, string>, authorization: string): string {
  const body = new URLSearchParams(parameters).toString();
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n`;
  return `${head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/**
 * Returns the text of a POST from a random client, as a proxy states it: the limits per network stay on and are not
 * reached.
 */
export function post(path: string, body: object): string {
  const json = JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${randomAddress()}\r\n`;
  return `${head}Content-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
}

/** Sends a request that must succeed, because a figure of refused requests would be worthless. */
export async function succeed(connection: Connection, request: string): Promise<Answer> {
  const answer = await connection.send(request);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`${request.slice(0, request.indexOf('\r'))}: ${answer.status} ${answer.body}`);
}

const randomAddress = (): string => `10.${byte()}.${byte()}.${byte()}`;
const byte = (): number => Math.floor(Math.random() * 256);
