// Verifiers of other services, in a process of their own. It runs the commands of the tests over IPC, and tries the
// watched tokens without pause.
import { setInterval as every } from 'node:timers/promises';
import type { TokenError, Verifier, VerifierOptions } from '../../../packages/client/src/index.js';
import type { Burden, Change, Command, Outcome } from './verifiers.js';

const TRY_EVERY_MS = 20;

const client = new URL('../../../packages/client/dist/index.js', import.meta.url).href;
const { createVerifier } = (await import(client)) as typeof import('../../../packages/client/src/index.js');

const verifiers: Verifier[] = [];
/** By token and verifier: how the outcome changed. */
const watched = new Map<string, Change[][]>();
let wallOffset = 0;
const wall = Date.now.bind(Date);
Date.now = () => wall() + wallOffset;

const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

const outcomeOf = (verifier: Verifier, token: string): Promise<Outcome> =>
  verifier.verify(token).then(
    () => 'accepted',
    (error: TokenError) => error.code ?? 'unavailable',
  );

async function tryAll(): Promise<void> {
  for (const [token, timelines] of watched) {
    for (const [index, timeline] of timelines.entries()) {
      const outcome = await outcomeOf(verifiers[index]!, token);
      if (timeline.at(-1)?.outcome !== outcome) timeline.push({ at: monotonic(), outcome });
    }
  }
}

const commands: { [Name in keyof Command]: (...args: Parameters<Command[Name]>) => unknown } = {
  async create(options: VerifierOptions) {
    const began = performance.now();
    const verifier = createVerifier(options);
    verifiers.push(verifier);
    const isReady = await verifier.ready().then(
      () => true,
      () => false,
    );
    return isReady ? performance.now() - began : null;
  },
  setWallClock(offsetSeconds) {
    wallOffset = offsetSeconds * 1000;
  },
  tryOut: (token) => Promise.all(verifiers.map((verifier) => outcomeOf(verifier, token))),
  watch(token) {
    watched.set(
      token,
      verifiers.map(() => []),
    );
    return tryAll();
  },
  async watched(token) {
    await tryAll();
    return watched.get(token);
  },
  metrics: () => verifiers.map(({ metrics }) => metrics),
  burden(): Burden {
    globalThis.gc!();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed, resources: process.getActiveResourcesInfo().length };
  },
};

process.on('message', ({ call, name, args }: { call: number; name: keyof Command; args: never[] }) => {
  const command: (...given: never[]) => unknown = commands[name];
  void (async () => process.send!({ call, result: await command(...args) }))();
});
process.on('disconnect', () => process.exit());
for await (const _ of every(TRY_EVERY_MS)) await tryAll();
