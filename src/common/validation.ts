import {
  applyDecorators,
  ValidationPipe,
  type ArgumentMetadata,
  type Type,
  type ValidationPipeOptions,
} from '@nestjs/common';
import { IsString, registerDecorator, ValidateIf, type ValidationError } from 'class-validator';
import { canonicalEmail } from './email.js';
import { AppError, type FieldFault } from './errors.js';
import { spellingsOfNetwork } from './network.js';

// Control characters have no place in a name, and PostgreSQL refuses U+0000.
const CONTROL = /\p{Cc}/u;

/** The property may be absent, but not null (unlike `IsOptional`). */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** A string of well-formed Unicode without control characters, `min` to `max` code points long. */
export function IsText({ min = 1, max }: { min?: number; max: number }): PropertyDecorator {
  return applyDecorators(
    IsString(),
    rule('text', `must be ${min} to ${max} characters of text without control characters`, (value) => {
      if (typeof value !== 'string' || value.length > max * 2 || !value.isWellFormed() || CONTROL.test(value))
        return false;
      const length = Array.from(value).length;
      return length >= min && length <= max;
    }),
  );
}

/** A string that a password may be: well-formed and of bearable size. What a *new* password must be is policy. */
export function IsPasswordText(): PropertyDecorator {
  return rule(
    'password_text',
    'must be a string of well-formed Unicode, at most 1024 units long',
    (value) => typeof value === 'string' && value.length > 0 && value.length <= 1024 && value.isWellFormed(),
  );
}

/** An e-mail address as {@link canonicalEmail} reads it. */
export function IsEmailAddress(): PropertyDecorator {
  return rule(
    'email',
    'must be an e-mail address',
    (value) => typeof value === 'string' && canonicalEmail(value) !== null,
  );
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** A time with its offset (RFC 3339 5.6), of a day that exists. */
export function IsTimestamp(): PropertyDecorator {
  return rule('timestamp', 'must be a time such as 2026-01-31T12:00:00Z', (value) => {
    const date = typeof value === 'string' ? TIMESTAMP.exec(value)?.[1] : undefined;
    if (!date || Number.isNaN(Date.parse(value as string))) return false;
    return new Date(date).toISOString().startsWith(date);
  });
}

/** An IP address, or a network in CIDR form without bits behind its prefix. */
export function IsNetwork(): PropertyDecorator {
  return rule(
    'network',
    'must be an IP address or a network such as 203.0.113.0/24',
    (value) => typeof value === 'string' && spellingsOfNetwork(value) !== null,
  );
}

function rule(name: string, message: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return (target, propertyKey) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: propertyKey as string,
      options: { message: `$property ${message}` },
      validator: { validate },
    });
  };
}

/** An answer lists no more: a refusal costs the same, however much is wrong. */
const MAX_FAULTS = 20;
/** More than any DTO declares. What no DTO declares is walked member by member, at a price. */
const MAX_MEMBERS = 100;
const MAX_NAME_LENGTH = 128;

/** Refuses a body or query with more members than any of ours has, before anything looks at them. */
class BoundedValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (typeof value === 'object' && value !== null && Object.keys(value).length > MAX_MEMBERS)
      throw new AppError('invalid_request', { detail: `there are more than ${MAX_MEMBERS} members or parameters` });
    const ignoresUnknown = metadata.metatype !== undefined && tolerant.has(metadata.metatype);
    return ignoresUnknown ? tolerantPipe.transform(value, metadata) : super.transform(value, metadata);
  }
}

function faultsOf(errors: ValidationError[], prefix = ''): FieldFault[] {
  return errors.slice(0, MAX_FAULTS).flatMap((error) => {
    const field = `${prefix}${error.property.slice(0, MAX_NAME_LENGTH)}`;
    const own = Object.entries(error.constraints ?? {}).map(([code, message]) => ({
      field,
      code: snakeCase(code),
      message: message.replace(/^property (\S+) should not exist$/, 'is not a known property'),
    }));
    return own.concat(faultsOf(error.children ?? [], `${field}/`));
  });
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const OPTIONS: ValidationPipeOptions = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  transform: true,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors) => new AppError('invalid_request', { errors: faultsOf(errors).slice(0, MAX_FAULTS) }),
};
const tolerantPipe = new ValidationPipe({ ...OPTIONS, forbidNonWhitelisted: false });
const tolerant = new WeakSet<object>();

/** Has what a DTO does not declare ignored, where a protocol lets its callers send more than we know. */
export const IgnoresUnknown = (): ClassDecorator => (dto) => void tolerant.add(dto);

/** Refuses whatever a DTO does not declare, and answers with all faults at once, up to {@link MAX_FAULTS}. */
export const validationPipe = (): ValidationPipe => new BoundedValidationPipe(OPTIONS);

const pipe = validationPipe();

/** Validates a body where no pipe has run yet: guards come before pipes. */
export async function validateBody<T extends object>(type: Type<T>, body: unknown): Promise<T> {
  return (await pipe.transform(body ?? {}, { type: 'body', metatype: type })) as T;
}
