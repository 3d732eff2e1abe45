// The verifiers of a few services in one process. It gets the tokens to watch, tries them without pause, and reports
// when each verifier has refused each of them. It runs as plain JavaScript from the root of the repository.
import { setInterval as every } from 'node:timers/promises';

interface Verifier {
  verify(token: string): Promise<unknown>;
  ready(): Promise<void>;
}

interface Watched {
  readonly id: number;
  readonly token: string;
  /** For each verifier the milliseconds on the clock that all processes of this machine share. */
  readonly refusedAt: number[];
}

interface Plan {
  issuer: string;
  ports: number[];
  count: number;
  controls: string[];
}

/**
 * The pause between tries, in milliseconds: short compared with the measured times, long compared with the cost of
 * trying all.
 */
const TRY_EVERY_MS = 5;

const { issuer, ports, count, controls } = JSON.parse(process.env['VERIFIERS']!) as Plan;
const client = new URL(`file://${process.cwd()}/packages/client/dist/index.js`).href;
const { createVerifier } = (await import(client)) as { createVerifier(options: object): Verifier };

const clock = (): number => Number(process.hrtime.bigint()) / 1e6;
const accepts = (verifier: Verifier, token: string): Promise<boolean> =>
  verifier.verify(token).then(
    () => true,
    () => false,
  );

const verifiers = Array.from({ length: count }, (_, index) => {
  const origin = `http://127.0.0.1:${ports[index % ports.length]}`;
  return createVerifier({
    issuer,
    audience: 'api',
    jwksUri: `${origin}/.well-known/jwks.json`,
    streamUri: `${origin}/revocations/stream`,
    snapshotUri: `${origin}/revocations/snapshot`,
  });
});
await Promise.all(verifiers.map((verifier) => verifier.ready()));

const watched = new Map<number, Watched>();
let falselyRefused = 0;
let round = 0;

async function tryAll(): Promise<void> {
  const control = controls[round++ % controls.length]!;
  await Promise.all(
    verifiers.map(async (verifier, index) => {
      if (!(await accepts(verifier, control))) falselyRefused++;
      for (const { token, refusedAt } of watched.values()) {
        if (refusedAt[index] === undefined && !(await accepts(verifier, token))) refusedAt[index] = clock();
      }
    }),
  );
  for (const { id, refusedAt } of watched.values()) {
    if (refusedAt.filter((time) => time !== undefined).length < verifiers.length) continue;
    watched.delete(id);
    process.send!({ refused: id, refusedAt });
  }
}

async function watch({ id, token }: Watched): Promise<void> {
  const accepted = await Promise.all(verifiers.map((verifier) => accepts(verifier, token)));
  watched.set(id, { id, token, refusedAt: [] });
  process.send!({ watching: id, accepted: accepted.every(Boolean) });
}

process.on('message', (message: { watch?: Watched; drop?: number; report?: true }) => {
  if (message.watch) void watch(message.watch);
  if (message.drop !== undefined && watched.has(message.drop)) {
    // Not every verifier has refused the token in time: the times so far are reported.
    const { id, refusedAt } = watched.get(message.drop)!;
    watched.delete(id);
    process.send!({ refused: id, refusedAt: Array.from({ length: count }, (_, index) => refusedAt[index] ?? null) });
  }
  if (message.report) process.send!({ falselyRefused, tried: round * verifiers.length });
});
process.send!({ ready: true });
for await (const _ of every(TRY_EVERY_MS)) await tryAll();
