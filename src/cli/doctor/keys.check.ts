import type { Config } from '../../platform/config/config.js';
import { KeyStore } from '../../keys/key-store.js';
import { SigningKey } from '../../keys/signing-key.entity.js';
import { explainStartFault } from '../../start-fault.js';
import { withContext } from '../service-context.js';
import { fail, ok, type Finding } from './finding.js';

const DAY_MS = 86_400_000;

/** Examines whether the signing keys can be opened. Starts the modules of the service, which creates missing keys. */
export async function checkKeys(config: Config): Promise<Finding[]> {
  if (config.signingAlgorithm === 'HS256') return [ok('keys', 'JWT_SECRET signs; it is in no JWKS')];
  try {
    return await withContext(config, async (context) => {
      const keys = await context.get(KeyStore).list(SigningKey);
      const active = keys.find(({ status }) => status === 'active')!;
      const days = Math.floor((Date.now() - active.activatesAt.getTime()) / DAY_MS);
      return [ok('keys', `${active.alg} key ${active.kid} signs since ${days} days; ${keys.length} in all`)];
    });
  } catch (error) {
    return [fail('keys', explainStartFault(error), 'The service does not start like this.')];
  }
}
