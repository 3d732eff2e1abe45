import type { Type } from '@nestjs/common';
import { validateSync } from 'class-validator';
import { AppError } from '../../common/errors.js';
import { refusalOf } from '../../common/validation.js';
import type { Form } from './form-body.js';

/**
 * Converts the parameters of a form to a DTO. Unknown parameters are ignored, as RFC 6749 3.2 requires; other bodies
 * are refused for unknown members. Throws `invalid_request`, and `unsupported_media_type` for a body that is no form.
 */
export function parametersOf<T extends object>(type: Type<T>, body: unknown): T {
  if (body === undefined) throw new AppError('invalid_request', { detail: 'a form is needed' });
  if (!(body instanceof Map)) throw new AppError('unsupported_media_type');
  // All values are strings, so none is converted. Names that every object has, such as `constructor`, are no
  // parameters.
  const own = [...(body as Form)].filter(([name]) => !(name in Object.prototype));
  const parameters = Object.assign(new type(), Object.fromEntries(own));
  const faults = validateSync(parameters, { whitelist: true, forbidUnknownValues: true });
  if (faults.length > 0) throw refusalOf(faults);
  return parameters;
}
