import { ApiProperty } from '@nestjs/swagger';
import type { TotpFactor } from './totp/totp-factor.entity.js';

/** A second factor of a user. */
export class FactorView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: ['totp'] })
  type: 'totp';

  /** @example Phone */
  name: string;

  created_at: Date;

  /** Null until a first code was confirmed: it does not count before. */
  confirmed_at: Date | null;

  last_used_at: Date | null;

  static of({ id, name, createdAt, confirmedAt, lastUsedAt }: TotpFactor): FactorView {
    return { id, type: 'totp', name, created_at: createdAt, confirmed_at: confirmedAt, last_used_at: lastUsedAt };
  }
}

/** The second factors of a user. */
export class FactorsView {
  factors: FactorView[];

  /** How many recovery codes are left. */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 10, example: 10 })
  recovery_codes: number;
}

/** An authenticator app that is to be set up. The secret is shown this once. */
export class NewTotpView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  /** For people who type it into the app. */
  @ApiProperty({ example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' })
  secret: string;

  @ApiProperty({ example: 'otpauth://totp/Countersign:alice%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' })
  otpauth_uri: string;

  /** The same as a QR code, an SVG image. */
  @ApiProperty({ example: '<svg xmlns="http://www.w3.org/2000/svg">…</svg>' })
  qr_svg: string;
}

/** New recovery codes. They are shown this once, and the former ones do not work any more. */
export class RecoveryCodesView {
  @ApiProperty({
    type: [String],
    minItems: 10,
    maxItems: 10,
    example: Array.from({ length: 10 }, () => 'k7mq-3xfa-9wtp-hc2e'),
  })
  codes: string[];
}
