// Measures the bare hash of a login: argon2id with the service's parameters, one after the other. Prints the number of
// hashes and the CPU milliseconds that they took.
import { randomBytes } from 'node:crypto';
import { hashRaw } from '@node-rs/argon2';

const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32, salt: randomBytes(16) };
const seconds = Number(process.env['HASH_SECONDS']);

for (let i = 0; i < 10; i++) await hashRaw('correct horse battery staple', OPTIONS);
const began = performance.now();
const before = process.cpuUsage();
let hashes = 0;
while (performance.now() - began < seconds * 1000) {
  await hashRaw('correct horse battery staple', OPTIONS);
  hashes++;
}
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ hashes, cpuMs: (user + system) / 1000 }));
