import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import { Mailer } from '../../platform/mail/mailer.js';
import { User } from '../../users/user.entity.js';
import { SecondFactorChanged } from '../mfa.events.js';
import { SecondFactorMail } from './second-factor.mail.js';

/** A notice that has not been delivered by then comes too late to help. */
const LIFETIME_MS = 3 * 24 * 3_600_000;

/** Tells users by mail that their second factors have changed, in the transaction of the change. */
@Injectable()
export class SecondFactorNotices implements OnModuleInit {
  constructor(
    private readonly events: TransactionalEvents,
    private readonly mailer: Mailer,
    private readonly mail: SecondFactorMail,
  ) {}

  onModuleInit(): void {
    this.mailer.add(this.mail);
    this.events.on(SecondFactorChanged, (event, manager) => this.tell(event, manager));
  }

  private async tell({ userId, change, at, cause }: SecondFactorChanged, manager: EntityManager): Promise<void> {
    const user = await manager.findOneBy(User, { id: userId });
    if (!user) return;
    const payload = { change, at: at.toISOString(), address: cause.address ?? '?' };
    const expiresAt = new Date(at.getTime() + LIFETIME_MS);
    await this.mailer.send(this.mail, { to: user.email, locale: user.locale, payload, expiresAt }, manager);
  }
}
