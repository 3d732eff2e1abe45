import { Module } from '@nestjs/common';
import { SessionsModule } from '../../sessions/sessions.module.js';
import { AttemptLimits } from './attempt-limits.js';
import { KnownDevices } from './known-device.js';
import { RecordedAttempts } from './recorded-attempts.js';
import { SignInService } from './sign-in.service.js';

/** The parts that all methods of authentication share. */
@Module({
  imports: [SessionsModule],
  providers: [SignInService, AttemptLimits, RecordedAttempts, KnownDevices],
  exports: [SignInService, RecordedAttempts, KnownDevices],
})
export class SignInModule {}
