import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { StartFault } from '../common/errors.js';
import { deriveKey, open, randomId, seal } from '../common/crypto.js';
import { Config } from '../platform/config/config.js';
import type { KeyStep } from './key-lifecycle.js';
import type { SigningKey, AsymmetricAlgorithm } from './signing-key.entity.js';

const generate = promisify(generateKeyPair);

/** The table of the keys of one kind. */
export type KeyTable = typeof SigningKey;

/** Stores the signing keys in PostgreSQL, with the private part sealed. */
@Injectable()
export class KeyStore {
  private readonly sealingKey: KeyObject;

  constructor(
    config: Config,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    this.sealingKey = deriveKey(config.secretKey, 'signing-keys');
  }

  list(table: KeyTable, manager: EntityManager = this.dataSource.manager): Promise<SigningKey[]> {
    return manager.find(table, { order: { publishedAt: 'ASC', kid: 'ASC' } });
  }

  /** Decrypts the private part. Throws where the key was sealed with another `SECRET_KEY`. */
  privateKeyOf(key: SigningKey): KeyObject {
    let der: Buffer;
    try {
      der = open(this.sealingKey, key.privateKey, key.kid);
    } catch (cause) {
      throw new StartFault(
        'SECRET_KEY does not open the signing keys of this database. Start with the SECRET_KEY that they were made with.',
        { cause },
      );
    }
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  }

  publicKeyOf(key: SigningKey): KeyObject {
    return createPublicKey(key.publicKey);
  }

  /** Takes one step in the table. `alg` is the algorithm of new keys. */
  async apply(step: KeyStep, table: KeyTable, alg: AsymmetricAlgorithm, manager: EntityManager): Promise<string> {
    const now = this.clock.date();
    if (step.step === 'create') {
      const key = await this.create(alg, step.status, step.activatesAt);
      await manager.insert(table, key);
      return key.kid;
    }
    const { kid } = step;
    if (step.step === 'activate') await manager.update(table, { kid }, { status: 'active', activatesAt: now });
    else if (step.step === 'retire') await manager.update(table, { kid }, { status: 'retired', retiredAt: now });
    else await manager.delete(table, { kid });
    return kid;
  }

  private async create(
    alg: AsymmetricAlgorithm,
    status: 'active' | 'published',
    activatesAt: Date,
  ): Promise<SigningKey> {
    const { publicKey, privateKey } =
      alg === 'ES256' ? await generate('ec', { namedCurve: 'P-256' }) : await generate('rsa', { modulusLength: 2048 });
    const kid = randomId(6);
    return {
      kid,
      alg,
      status,
      publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
      privateKey: seal(this.sealingKey, privateKey.export({ format: 'der', type: 'pkcs8' }), kid),
      publishedAt: this.clock.date(),
      activatesAt,
      retiredAt: null,
    };
  }
}
