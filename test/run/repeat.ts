// Runs test files again and again, which is how a flaky one is found; prints how often they were green:
//   npm run test:repeat -- 20 test/flows/refresh.e2e-spec.ts
import { spawnSync } from 'node:child_process';

const [times, ...given] = process.argv.slice(2);
const runs = Number(times);
if (!(runs >= 1)) throw new Error('How many times? npm run test:repeat -- 20 test/flows/refresh.e2e-spec.ts');

let green = 0;
for (let run = 1; run <= runs; run++) {
  const began = performance.now();
  const { status, stdout } = spawnSync('vitest', ['run', '--reporter', 'default', ...given], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
  });
  if (status === 0) green += 1;
  else console.log(stdout);
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(`run ${run} of ${runs}: ${status === 0 ? 'green' : 'RED'}, ${seconds} s`);
}
console.log(`${green} of ${runs} green`);
process.exitCode = green === runs ? 0 : 1;
