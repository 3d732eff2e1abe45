import type { INestApplicationContext } from '@nestjs/common';
import { KeyStore } from '../../keys/key-store.js';
import { SigningKey } from '../../keys/signing-key.entity.js';
import { Config } from '../../platform/config/config.js';
import { ok, type Finding } from './finding.js';

const DAY_MS = 86_400_000;

/** Examines the signing keys, which the modules have opened. */
export async function checkKeys(context: INestApplicationContext): Promise<Finding[]> {
  if (context.get(Config).signingAlgorithm === 'HS256') return [ok('keys', 'JWT_SECRET signs; it is in no JWKS')];
  const keys = await context.get(KeyStore).list(SigningKey);
  const active = keys.find(({ status }) => status === 'active')!;
  const days = Math.floor((Date.now() - active.activatesAt.getTime()) / DAY_MS);
  return [ok('keys', `${active.alg} key ${active.kid} signs since ${days} days; ${keys.length} in all`)];
}
