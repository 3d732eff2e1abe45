import type { Bench } from '../bench.js';
import type { Row } from '../results.js';
import { createServiceAccount } from '../service-account.js';
import { duringLogins } from './isolation.js';
import { againstHello, headersAgainstHello } from './protected-get.js';

const PATH = '/gateway/verify';
const BUDGET = 0.6;
const WORKERS = 16;

/** Measures the verdicts of gateways: how many a core gives, and how fast while others sign in. */
export const verdict = async (bench: Bench): Promise<Row[]> => [
  await againstHello(bench, PATH, BUDGET),
  await byCookie(bench),
  await byApiKey(bench),
  ...(await duringLogins(bench, PATH)),
];

/** Measures verdicts by the cookies of browsers, which have been exchanged before. */
async function byCookie(bench: Bench): Promise<Row> {
  const { service, population } = await bench.peopled();
  const headers: string[] = [];
  for (let worker = 0; worker < WORKERS; worker++) {
    const answer = await fetch(`http://127.0.0.1:${service.port}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ ...population.credentials(), transport: 'cookie' }),
    });
    const cookie = answer.headers.getSetCookie().find((text) => text.startsWith('countersign='));
    if (!cookie) throw new Error(`A sign-in by cookie: ${answer.status} ${await answer.text()}`);
    headers.push(`Cookie: ${cookie.split(';')[0]}\r\nSec-Fetch-Site: same-origin`);
  }
  return headersAgainstHello(bench, { figure: `GET ${PATH} by cookie`, path: PATH, headers, budget: BUDGET });
}

/** Measures verdicts by the keys of a service account likewise. */
async function byApiKey(bench: Bench): Promise<Row> {
  const { id, admin } = await createServiceAccount(bench);
  const headers: string[] = [];
  for (let worker = 0; worker < WORKERS; worker++) {
    const { api_key: key } = await admin<{ api_key: string }>(`/clients/${id}/api-keys`, { name: `Bench ${worker}` });
    headers.push(`Authorization: Bearer ${key}`);
  }
  return headersAgainstHello(bench, { figure: `GET ${PATH} by API key`, path: PATH, headers, budget: BUDGET });
}
