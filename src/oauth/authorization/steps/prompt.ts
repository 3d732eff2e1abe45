import { AppError } from '../../../common/errors.js';
import type { AuthorizationParametersDto } from '../authorization.dto.js';

const PROMPTS = ['none', 'login', 'consent', 'select_account'] as const;
export type Prompt = (typeof PROMPTS)[number];

/** Returns what the person has to be asked. Throws `invalid_request` (OpenID Connect Core 1.0 3.1.2.1). */
export function promptsOf({ prompt }: AuthorizationParametersDto): readonly Prompt[] {
  const prompts = [...new Set(prompt?.split(' ') ?? [])] as Prompt[];
  if (prompts.some((one) => !PROMPTS.includes(one))) throw refusal(`prompt must be of ${PROMPTS.join(', ')}`);
  if (prompts.includes('none') && prompts.length > 1) throw refusal('prompt=none excludes every other prompt');
  return prompts;
}

const refusal = (detail: string): AppError => new AppError('invalid_request', { detail });
