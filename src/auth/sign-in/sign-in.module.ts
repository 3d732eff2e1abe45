import { Module } from '@nestjs/common';
import { SessionsModule } from '../../sessions/sessions.module.js';
import { AttemptLimits } from './attempt-limits.js';
import { KnownDevices } from './known-device.js';
import { RecordedAttempts } from './recorded-attempts.js';
import { SecondFactorAttempts } from './second-factor-attempts.js';
import { SecondFactorMethods } from './second-factor-methods.js';
import { SecondFactorTickets } from './second-factor-tickets.js';
import { SecondSteps } from './second-steps.js';
import { SignInService } from './sign-in.service.js';
import { Spraying } from './spraying.js';

/** The parts that all methods of authentication share. */
@Module({
  imports: [SessionsModule],
  providers: [
    SignInService,
    AttemptLimits,
    Spraying,
    RecordedAttempts,
    KnownDevices,
    SecondFactorMethods,
    SecondFactorTickets,
    SecondFactorAttempts,
    SecondSteps,
  ],
  exports: [
    SecondFactorAttempts,
    SecondSteps,
    SecondFactorMethods,
    SecondFactorTickets,
    SignInService,
    RecordedAttempts,
    KnownDevices,
  ],
})
export class SignInModule {}
