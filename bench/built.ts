/** What the bench takes from the built service: nothing that it measures, only what it needs to set the stage. */
export const built = {
  embeddedPostgres: () => import('#embedded-postgres-service'),
  refreshToken: () => load<typeof import('../src/sessions/refresh-token.js')>('sessions/refresh-token.js'),
  crypto: () => load<typeof import('../src/common/crypto.js')>('common/crypto.js'),
};

function load<Module>(path: string): Promise<Module> {
  return import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<Module>;
}
