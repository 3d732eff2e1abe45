import { ApiPropertyOptional } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { invalidField } from '../common/errors.js';
import { Excludes, IsEmailAddress, IsText, MayBeAbsent } from '../common/validation.js';

/** What proves that somebody reads the mails of an address. */
export type MailProof = { readonly token: string } | { readonly email: string; readonly code: string };

/** What a route that takes a {@link MailProof} may answer. */
export const MAIL_PROOF_PROBLEMS = [
  'invalid_request',
  'link_invalid',
  'link_used',
  'link_expired',
  'code_invalid',
  'code_locked',
  'rate_limited',
  'unavailable',
] as const;

/** The fields of a {@link MailProof}: `token`, or `email` and `code`. */
export class MailProofDto {
  /** Of the link in the mail; instead of `email` and `code`. */
  @ApiPropertyOptional({ example: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc' })
  @MayBeAbsent()
  @IsText({ max: 64 })
  token?: string;

  /** The address that the code was sent to; together with `code`. */
  @ApiPropertyOptional({ format: 'email', maxLength: 254, example: 'alice@example.com' })
  @MayBeAbsent()
  @IsEmailAddress()
  email?: string;

  /** The six digits in the mail; together with `email`. */
  @ApiPropertyOptional({ pattern: '^[0-9]{6}$', example: '042195' })
  @MayBeAbsent()
  @Matches(/^[0-9]{6}$/, { message: '$property must be the six digits of the mail' })
  @Excludes('token')
  code?: string;
}

/** Throws `invalid_request` where a body has neither a token nor an address with a code. */
export function mailProofOf({ token, email, code }: MailProofDto): MailProof {
  if (token !== undefined) return { token };
  if (email !== undefined && code !== undefined) return { email, code };
  if (email === undefined && code === undefined)
    throw invalidField('token', 'required', 'token is required, or email and code in its place');
  const missing = email === undefined ? 'email' : 'code';
  throw invalidField(missing, 'required', `${missing} is required, since there is no token`);
}
