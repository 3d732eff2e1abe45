import type { Config } from '../../platform/config/config.js';
import { ok, warn, type Finding } from './finding.js';

const PATIENCE_MS = 3_000;

/** Examines whether the service can be reached at the issuer's address that all tokens name. */
export async function checkPublicUrl({ publicUrl }: Config): Promise<Finding[]> {
  const document = `${publicUrl}/.well-known/openid-configuration`;
  let found: unknown;
  try {
    const answer = await fetch(document, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });
    found = ((await answer.json()) as { issuer?: unknown }).issuer;
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error ? cause.message || (cause as { code?: string }).code : message;
    const remedy = 'Start the service, and check from here DNS, TLS and the proxy in front of it.';
    return [warn('public URL', `${document} does not answer: ${why}`, remedy)];
  }
  if (found === publicUrl) return [ok('public URL', `${publicUrl} answers, and names itself as the issuer`)];
  const text = `${document} names the issuer ${String(found)}, and PUBLIC_URL is ${publicUrl}`;
  return [warn('public URL', text, 'Give the service and this command the same PUBLIC_URL.')];
}
