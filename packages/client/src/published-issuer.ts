import type { Emit } from './events.js';
import { fetchDocument } from './http.js';
import type { Settings } from './options.js';
import { shown } from './token-fault.js';

const JWKS_PATH = /\/\.well-known\/jwks\.json$/;
const METADATA_PATH = '/.well-known/oauth-authorization-server';

/**
 * Compares the option `issuer` with the name that the issuer publishes beside its keys (RFC 8414 3.3), after those have
 * been fetched, and emits an event where they differ. Missing metadata, or an issuer that cannot be reached, is no
 * fault. Never rejects.
 */
export async function compareIssuer(
  { issuer, jwksUri, fetch }: Pick<Settings, 'issuer' | 'jwksUri' | 'fetch'>,
  keysLoaded: Promise<void>,
  emit: Emit,
  closing: AbortSignal,
): Promise<void> {
  if (!JWKS_PATH.test(jwksUri)) return;
  const isOver = new Promise<void>((resolve) => closing.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([keysLoaded, isOver]);
  if (closing.aborted) return;
  try {
    const { status, body } = await fetchDocument(fetch, jwksUri.replace(JWKS_PATH, METADATA_PATH), {}, closing);
    const published: unknown =
      status === 200 ? (JSON.parse(body.toString()) as { issuer?: unknown } | null)?.issuer : null;
    if (typeof published !== 'string' || published === issuer) return;
    emit({ type: 'issuer_differs', expected: issuer, found: shown(published) });
  } catch {
    // Tokens are verified without the metadata.
  }
}
