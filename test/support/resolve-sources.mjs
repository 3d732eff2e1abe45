import { registerHooks } from 'node:module';

// Node runs TypeScript sources, but looks for the exact name of an import, which is that of the built file.
registerHooks({
  resolve(specifier, given, nextResolve) {
    // The sources of our own packages are used, too.
    const context = { ...given, conditions: [...given.conditions, 'source'] };
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (!/^(\.{1,2}\/|file:).*\.js$/.test(specifier)) throw error;
      return nextResolve(specifier.replace(/\.js$/, '.ts'), context);
    }
  },
});
