// Runs a command beside two busy loops, as on a machine that has other things to do:
//   node test/run/busy.ts vitest run test/attacks/refresh-race.e2e-spec.ts
import { spawn } from 'node:child_process';

const LOOPS = 2;
const [command, ...given] = process.argv.slice(2);
if (!command) throw new Error('Which command?');

const loops = Array.from({ length: LOOPS }, () =>
  spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
);
const end = (): void => loops.forEach((loop) => loop.kill('SIGKILL'));
process.on('exit', end);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

console.log(`Beside ${LOOPS} busy loops:`);
spawn(command, given, { stdio: 'inherit' })
  .once('error', (error) => {
    throw error;
  })
  .once('exit', (code) => process.exit(code ?? 1));
