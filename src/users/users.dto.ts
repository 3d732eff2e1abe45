import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsOptional, Matches } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageDto } from '../common/pagination.js';
import { IsText, MayBeAbsent } from '../common/validation.js';
import { USER_STATUSES, type UserStatus } from './user.entity.js';

/** Few and short: roles travel in every access token. */
export const IsRoles = (): PropertyDecorator =>
  applyDecorators(
    IsArray(),
    ArrayMaxSize(16),
    ArrayUnique(),
    Matches(/^[a-z][a-z0-9_.:-]{0,31}$/, {
      each: true,
      message: '$property must be lower-case names such as "user", "admin" or "orders:approver"',
    }),
  );

/** The property may be absent or null; null clears it. */
export const MayBeCleared = IsOptional;

export class UpdateMeDto {
  @ApiPropertyOptional({
    type: 'string',
    nullable: true,
    maxLength: 100,
    example: 'Alice',
    description: 'null clears it.',
  })
  @MayBeCleared()
  @IsText({ max: 100 })
  display_name?: string | null;
}

export class UpdateUserDto extends UpdateMeDto {
  /** `disabled` ends all sessions at once. */
  @ApiPropertyOptional({ enum: USER_STATUSES })
  @MayBeAbsent()
  @IsIn(USER_STATUSES)
  status?: UserStatus;

  /** Taking a role away refuses the access tokens that carry it, at once; the next refresh brings the rest. */
  @ApiPropertyOptional({ type: [String], example: ['user', 'admin'] })
  @MayBeAbsent()
  @IsRoles()
  roles?: string[];
}

export class ListUsersDto extends PageDto {
  /** The beginning of an e-mail address or of a display name, in any letter case. */
  @MayBeAbsent()
  @IsText({ max: 100 })
  search?: string;

  @ApiProperty({ enum: USER_STATUSES, required: false })
  @MayBeAbsent()
  @IsIn(USER_STATUSES)
  status?: UserStatus;

  /** Only users with this role. */
  @MayBeAbsent()
  @IsText({ max: 32 })
  role?: string;
}
