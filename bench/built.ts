/** The parts of the built service that the bench needs to prepare data. None of them is measured. */
export const built = {
  embeddedPostgres: () => import('#embedded-postgres-service'),
  refreshToken: () => load<typeof import('../src/sessions/refresh/refresh-token.js')>('sessions/refresh-token.js'),
  crypto: () => load<typeof import('../src/common/crypto.js')>('common/crypto.js'),
};

function load<Module>(path: string): Promise<Module> {
  return import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<Module>;
}
