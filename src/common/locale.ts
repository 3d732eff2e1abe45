/** The languages that people are written to in (RFC 5646 primary language subtags). */
export const LOCALES = ['en', 'de', 'fr', 'es'] as const;
export type Locale = (typeof LOCALES)[number];

export const isLocale = (text: string): text is Locale => (LOCALES as readonly string[]).includes(text);

/**
 * The language of ours that `Accept-Language` prefers (RFC 9110 12.5.4), by its primary subtag, as lookup does it
 * (RFC 4647 3.4). Null where the header names none of them: then `*`, a fault and no header mean the same.
 */
export function negotiateLocale(acceptLanguage: string | undefined): Locale | null {
  let best: Locale | null = null;
  let bestWeight = 0;
  for (const range of acceptLanguage?.split(',') ?? []) {
    const [tag = '', ...parameters] = range
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const language = tag.split('-', 1)[0]!;
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1');
    // Of equal weights the first is taken; a weight that is no number is never greater.
    if (isLocale(language) && weight > bestWeight && weight <= 1) [best, bestWeight] = [language, weight];
  }
  return best;
}
