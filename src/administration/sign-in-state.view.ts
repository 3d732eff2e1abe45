import { ApiProperty } from '@nestjs/swagger';
import { PASSWORD_STATES, type PasswordState } from '../passwords/passwords.service.js';
import { USER_STATUSES, type UserStatus } from '../users/user.entity.js';
import { LimitView } from './limits.view.js';

/** The reasons for which a sign-in fails. */
export const OBSTACLES = ['disabled', 'no_password', 'temporary_password', 'rate_limited'] as const;
export type Obstacle = (typeof OBSTACLES)[number];

/** The facts that decide whether a user can sign in. */
export class SignInStateView {
  @ApiProperty({ enum: USER_STATUSES })
  status: UserStatus;

  @ApiProperty({ enum: PASSWORD_STATES })
  password: PasswordState;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  email_verified_at: Date | null;

  /** Living sessions; null for more than are counted. */
  @ApiProperty({ type: 'integer', nullable: true, example: 2 })
  sessions: number | null;

  /** The limits of the account; not those of the networks and devices that the user signs in from. */
  limits: LimitView[];

  /** The obstacles to a sign-in with the right password, the gravest first; empty where there is none. */
  @ApiProperty({ enum: OBSTACLES, isArray: true, example: [] })
  obstacles: Obstacle[];
}
