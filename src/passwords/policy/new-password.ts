import { applyDecorators } from '@nestjs/common';
import { registerDecorator, type ValidationArguments } from 'class-validator';
import { IsPasswordText } from '../../common/validation.js';
import { checkPassword, POLICY_FAULT_CODES, SERVICE_NAME, type PolicyFault } from './password-policy.js';

/**
 * Requires a new password that {@link checkPassword} accepts, so that its faults are reported together with those of
 * other fields. `emailProperty` is the property with the address of the account, where the body has it.
 */
export function IsNewPassword(emailProperty?: string): PropertyDecorator {
  const faultOf = ({ value, object }: ValidationArguments): PolicyFault | null => {
    // A value that is no string has its fault already.
    if (typeof value !== 'string' || value === '') return null;
    const email: unknown = emailProperty && (object as Record<string, unknown>)[emailProperty];
    return checkPassword(value, { serviceName: SERVICE_NAME, ...(typeof email === 'string' && { email }) });
  };
  const rules = POLICY_FAULT_CODES.map((code): PropertyDecorator => (target, propertyKey) => {
    registerDecorator({
      name: code,
      target: target.constructor,
      propertyName: propertyKey as string,
      validator: {
        validate: (_value, about) => faultOf(about!)?.code !== code,
        defaultMessage: (about) => `$property ${faultOf(about!)?.message}`,
      },
    });
  });
  return applyDecorators(IsPasswordText(), ...rules);
}
