import {
  applyDecorators,
  ValidationPipe,
  type ArgumentMetadata,
  type Type,
  type ValidationPipeOptions,
} from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, registerDecorator, ValidateIf, type ValidationError } from 'class-validator';
import { canonicalEmail } from './email.js';
import { AppError, type FieldFault, invalidField } from './errors.js';
import { spellingsOfNetwork } from './network.js';

// Control characters have no place in a name, and PostgreSQL refuses U+0000.
const CONTROL = /\p{Cc}/u;

/** The property may be absent, but not null (unlike `IsOptional`). */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** Requires a string of well-formed Unicode without control characters, `min` to `max` code points long. */
export function IsText({ min = 1, max }: { min?: number; max: number }): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ minLength: min, maxLength: max, pattern: '^[^\\x00-\\x1f\\x7f-\\x9f]*$' }),
    IsString(),
    rule('text', `must be ${min} to ${max} characters of text without control characters`, (value) => {
      if (typeof value !== 'string' || value.length > max * 2 || !value.isWellFormed() || CONTROL.test(value))
        return false;
      const length = Array.from(value).length;
      return length >= min && length <= max;
    }),
  );
}

/** Requires a string that can be a password: well-formed and of limited size. Policy decides about *new* passwords. */
export function IsPasswordText(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ minLength: 1, maxLength: 1024 }),
    rule(
      'password_text',
      'must be a string of well-formed Unicode, at most 1024 units long',
      (value) => typeof value === 'string' && value.length > 0 && value.length <= 1024 && value.isWellFormed(),
    ),
  );
}

/** Requires an e-mail address that {@link canonicalEmail} accepts. */
export function IsEmailAddress(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ format: 'email', maxLength: 254 }),
    rule('email', 'must be an e-mail address', (value) => typeof value === 'string' && canonicalEmail(value) !== null),
  );
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Pairs of properties of which a body has one at most, for the OpenAPI document. */
export const EXCLUSIVES: [string, string][] = [];

/** Refuses a body that has both the property and another one. */
export function Excludes(other: string): PropertyDecorator {
  return (target, propertyKey) => {
    EXCLUSIVES.push([propertyKey as string, other]);
    registerDecorator({
      name: 'exclusive',
      target: target.constructor,
      propertyName: propertyKey as string,
      options: { message: `$property and ${other} exclude each other: send one of them` },
      validator: {
        validate: (value, about) => isAbsent(value) || isAbsent((about!.object as Record<string, unknown>)[other]),
      },
    });
  };
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** Requires a time with its offset (RFC 3339 5.6), of a day that exists. */
export function IsTimestamp(): PropertyDecorator {
  return rule('timestamp', 'must be a time such as 2026-01-31T12:00:00Z', (value) => {
    const date = typeof value === 'string' ? TIMESTAMP.exec(value)?.[1] : undefined;
    if (!date || Number.isNaN(Date.parse(value as string))) return false;
    return new Date(date).toISOString().startsWith(date);
  });
}

/** Requires an IP address, or a network in CIDR form without bits behind its prefix. */
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

/** The most faults that an answer lists, so that a refusal costs the same however many there are. */
const MAX_FAULTS = 20;
/** The most members of a body: more than any DTO declares. Each undeclared member costs time. */
const MAX_MEMBERS = 100;
const MAX_NAME_LENGTH = 128;

/** Refuses a body that is no object, and a body or query with too many members, before any other check. */
class BoundedValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && value !== undefined && !isObject(value)) {
      const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
      throw invalidField('', 'object', `the body must be a JSON object, and is ${kind}`);
    }
    if (typeof value === 'object' && value !== null && Object.keys(value).length > MAX_MEMBERS)
      throw new AppError('invalid_request', { detail: `there are more than ${MAX_MEMBERS} members or parameters` });
    const isTolerant = metadata.metatype !== undefined && tolerant.has(metadata.metatype);
    return isTolerant ? tolerantPipe.transform(value, metadata) : super.transform(value, metadata);
  }
}

/** The checks of a value's type. Their faults come before those of its content. */
const KINDS = ['isArray', 'isString', 'isInt', 'isBoolean', 'isObject'];

/** Returns the faults that `class-validator` has found, one a field. */
function faultsOf(errors: ValidationError[], prefix = ''): FieldFault[] {
  return errors.slice(0, MAX_FAULTS).flatMap((error) => {
    const field = `${prefix}${error.property.slice(0, MAX_NAME_LENGTH)}`;
    const nested = faultsOf(error.children ?? [], `${field}/`);
    const { constraints } = error;
    if (!constraints) return nested;
    // JSON has no undefined: a property with this value is absent.
    if (error.value === undefined) return [{ field, code: 'required', message: `${error.property} is required` }];
    const code = KINDS.find((kind) => kind in constraints) ?? Object.keys(constraints)[0]!;
    const message = code === 'whitelistValidation' ? 'is not a known property' : constraints[code]!;
    return [{ field, code: snakeCase(code), message }].concat(nested);
  });
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Returns a refusal that lists what `class-validator` has found, up to {@link MAX_FAULTS}. */
export const refusalOf = (errors: ValidationError[]): AppError =>
  new AppError('invalid_request', { errors: faultsOf(errors).slice(0, MAX_FAULTS) });

const OPTIONS: ValidationPipeOptions = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  transform: true,
  // The value tells whether the property is absent; no answer repeats it.
  validationError: { target: false },
  exceptionFactory: (errors) => refusalOf(errors),
};
const tolerantPipe = new ValidationPipe({ ...OPTIONS, forbidNonWhitelisted: false });
const tolerant = new Set<object>();

/** Tells whether members that the DTO of this name does not declare are ignored. */
export const ignoresUnknown = (name: string): boolean => [...tolerant].some((dto) => (dto as Type).name === name);

/** Ignores members that a DTO does not declare, where a protocol lets callers send more than we know. */
export const IgnoresUnknown = (): ClassDecorator => (dto) => void tolerant.add(dto);

/** Refuses members that a DTO does not declare, and answers with all faults at once, up to {@link MAX_FAULTS}. */
export const validationPipe = (): ValidationPipe => new BoundedValidationPipe(OPTIONS);

const pipe = validationPipe();

/** Validates a body where no pipe has run yet: guards come before pipes. */
export async function validateBody<T extends object>(type: Type<T>, body: unknown): Promise<T> {
  return (await pipe.transform(body ?? {}, { type: 'body', metatype: type })) as T;
}
