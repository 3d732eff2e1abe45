import { isLocale, type Locale } from '../../../common/locale.js';
import type { AuthorizationParametersDto } from '../authorization.dto.js';

/** Returns the first language of ours that the application asks for; null where it names none. */
export function localeOf({ ui_locales: tags }: AuthorizationParametersDto): Locale | null {
  const languages = tags?.split(' ').map((tag) => tag.toLowerCase().split('-', 1)[0]!) ?? [];
  return languages.find(isLocale) ?? null;
}
