import { registerHooks } from 'node:module';

// Node runs these sources directly; imports name the built file, as everywhere in this repository.
const here = new URL('.', import.meta.url).href;
registerHooks({
  resolve(specifier, context, nextResolve) {
    const ours = specifier.startsWith('.') && context.parentURL?.startsWith(here) === true;
    return nextResolve(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

const { main } = await import('./main.js');
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`\nThe bench has failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
